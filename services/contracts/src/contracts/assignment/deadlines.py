"""When time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from contracts.assignment import usecases
from contracts.contract.usecases import ENDS, STARTS

deadlines: Final = Deadlines()


@deadlines.on(STARTS)
async def begin_the_work(contract_id: UUID, tx: Tx) -> None:
    """The first day is there, or another day of waiting for what is missing."""
    await usecases.start(tx, contract_id)


@deadlines.on(ENDS)
async def end_the_work(contract_id: UUID, tx: Tx) -> None:
    """The last day has passed."""
    await usecases.reach_end_date(tx, contract_id)
