"""When time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from contracts.contract import usecases
from contracts.contract.usecases import EXTENSION_EXPIRES, SIGN_EXPIRES

deadlines: Final = Deadlines()


@deadlines.on(SIGN_EXPIRES)
async def stop_waiting_for_signatures(contract_id: UUID, tx: Tx) -> None:
    """Not everybody signed in time."""
    await usecases.expire(tx, contract_id)


@deadlines.on(EXTENSION_EXPIRES)
async def stop_waiting_for_the_extension(contract_id: UUID, tx: Tx) -> None:
    """Not everybody signed the later end in time."""
    await usecases.give_up_extension(tx, contract_id)
