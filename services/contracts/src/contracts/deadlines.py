"""When time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from contracts.usecases import signing, working
from contracts.usecases.reminders import ENDS, EXTENSION_EXPIRES, SIGN_EXPIRES, STARTS

deadlines: Final = Deadlines()


@deadlines.on(SIGN_EXPIRES)
async def stop_waiting_for_signatures(contract_id: UUID, tx: Tx) -> None:
    """Not everybody signed in time."""
    await signing.expire(tx, contract_id)


@deadlines.on(EXTENSION_EXPIRES)
async def stop_waiting_for_the_extension(contract_id: UUID, tx: Tx) -> None:
    """Not everybody signed the later end in time."""
    await signing.give_up_extension(tx, contract_id)


@deadlines.on(STARTS)
async def begin_the_work(contract_id: UUID, tx: Tx) -> None:
    """The first day is there, or another day of waiting for what is missing."""
    await working.start(tx, contract_id)


@deadlines.on(ENDS)
async def end_the_work(contract_id: UUID, tx: Tx) -> None:
    """The last day has passed."""
    await working.run_out(tx, contract_id)
