"""When a trainer's company changes, a contract ends, or a service has scrubbed its copy of a person."""

from __future__ import annotations

from typing import Final

from common.messaging.consumer import Handlers
from common.persistence.transaction import Tx
from events.contracts import ContractDissolved, ContractEnded
from events.erasure import ErasureConfirmed
from events.registry import OrganisationChanged
from registry.trainer.usecases import trainer as usecases

handlers: Final = Handlers()


@handlers.on(OrganisationChanged)
async def publish_the_place_of_a_company_anew(event: OrganisationChanged, tx: Tx) -> None:
    """The profiles of its people name where it is and how large."""
    await usecases.publish_profiles_of(tx, event.organisation_id)


@handlers.on(ContractDissolved)
async def review_retention_after_a_dissolved_contract(event: ContractDissolved, tx: Tx) -> None:
    """A ground to keep the person's data is gone."""
    await usecases.schedule_retention(tx, event.trainer_id)


@handlers.on(ContractEnded)
async def review_retention_after_an_ended_contract(event: ContractEnded, tx: Tx) -> None:
    """A ground to keep the person's data has begun to run out."""
    await usecases.schedule_retention(tx, event.trainer_id)


@handlers.on(ErasureConfirmed)
async def record_an_erasure(event: ErasureConfirmed, tx: Tx) -> None:
    """Record which service has scrubbed its copy."""
    await usecases.confirm_erasure(tx, event)
