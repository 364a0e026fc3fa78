"""When contracts take and free places."""

from __future__ import annotations

from typing import Final

from common.messaging.consumer import Handlers
from common.persistence.transaction import Tx
from events.contracts import ContractDissolved, ContractEnded, ContractSigned
from registry.vacancy import usecases

handlers: Final = Handlers()


@handlers.on(ContractSigned)
async def take_a_place(event: ContractSigned, tx: Tx) -> None:
    """Count it; the last place fills the vacancy."""
    await usecases.take_place(tx, event)


@handlers.on(ContractDissolved)
async def free_the_place_of_a_dissolved_contract(event: ContractDissolved, tx: Tx) -> None:
    """Open the vacancy again."""
    await usecases.end_contract(tx, event, ended_on=tx.today, fell_away=True)


@handlers.on(ContractEnded)
async def free_or_close_a_place(event: ContractEnded, tx: Tx) -> None:
    """Open the vacancy again where the contract ended before its term; close it with the last one."""
    await usecases.end_contract(tx, event, ended_on=event.ended_on, fell_away=event.early)
