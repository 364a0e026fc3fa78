"""When something happens elsewhere: contracts take and free a vacancy's places, services confirm erasures."""

from __future__ import annotations

from typing import Final

from common.messaging.consumer import Handlers
from common.persistence.transaction import Tx
from events.contracts import ContractDissolved, ContractEnded, ContractSigned
from events.erasure import ErasureConfirmed
from registry.usecases import trainers, vacancies

handlers: Final = Handlers()


@handlers.on(ContractSigned)
async def take_a_place(event: ContractSigned, tx: Tx) -> None:
    """Count it; the last place fills the vacancy."""
    await vacancies.take_place(tx, event)


@handlers.on(ContractDissolved)
async def free_the_place_of_a_dissolved_contract(event: ContractDissolved, tx: Tx) -> None:
    """Open the vacancy again."""
    await vacancies.end_contract(tx, event, ended_on=tx.today, fell_away=True)


@handlers.on(ContractEnded)
async def note_that_a_contract_ended(event: ContractEnded, tx: Tx) -> None:
    """Open the vacancy again where it ended before its term; close it with the last one."""
    await vacancies.end_contract(tx, event, ended_on=event.ended_on, fell_away=event.early)


@handlers.on(ErasureConfirmed)
async def note_an_erasure(event: ErasureConfirmed, tx: Tx) -> None:
    """Remember which service has scrubbed its copy."""
    await trainers.confirm_erasure(tx, event)
