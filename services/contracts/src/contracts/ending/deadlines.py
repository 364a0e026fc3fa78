"""When time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from contracts.ending import usecases

deadlines: Final = Deadlines()


@deadlines.on(usecases.ENDING_EXPIRES)
async def stop_waiting_for_answers(contract_id: UUID, tx: Tx) -> None:
    """Not everybody answered the proposal in time."""
    await usecases.give_up(tx, contract_id)
