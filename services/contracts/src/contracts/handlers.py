"""When something happens elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from common.messaging import erasure
from common.messaging.consumer import Handlers
from common.messaging.consumer.handlers import Received
from common.persistence.transaction import Tx
from contracts.usecases import drafting, facts, working
from events.matching import ProposalAccepted, ProposalLapsed
from events.registry import (
    ContactState,
    OrganisationChanged,
    OrganisationFacts,
    OrganisationRegistered,
    ProfileState,
    TrainerAnonymised,
    TrainerLeft,
    VacancyChanged,
    VacancyFacts,
    VacancyPosted,
    VacancyWithdrawn,
)

handlers: Final = Handlers()


@handlers.bulk(VacancyPosted, VacancyChanged)
async def keep_vacancies(received: Sequence[Received], tx: Tx) -> None:
    """Copy what schools ask."""
    await facts.keep_vacancies(tx, [cast("VacancyFacts", item.event) for item in received])


@handlers.bulk(OrganisationRegistered, OrganisationChanged)
async def keep_organisations(received: Sequence[Received], tx: Tx) -> None:
    """Copy what organisations are."""
    await facts.keep_organisations(tx, [cast("OrganisationFacts", item.event) for item in received])


@handlers.bulk(ContactState)
async def keep_contacts(received: Sequence[Received], tx: Tx) -> None:
    """Copy how parties are called."""
    await facts.keep_contacts(tx, [cast("ContactState", item.event) for item in received])


@handlers.on_tombstone(ContactState)
async def forget_contact(key: str, tx: Tx) -> None:
    """Forget how a party was called."""
    await facts.forget_contact(tx, UUID(key))


@handlers.bulk(ProfileState)
async def keep_profiles(received: Sequence[Received], tx: Tx) -> None:
    """Copy what the law asks about trainers; what was held for a certificate that was shown may begin."""
    shown = await facts.keep_profiles(tx, [cast("ProfileState", item.event) for item in received])
    for trainer_id, cause in {UUID(item.envelope.key): item.envelope for item in received}.items():
        if trainer_id in shown:
            tx.cause = cause
            await working.start_held(tx, trainer_id)


@handlers.on_tombstone(ProfileState)
async def forget_profile(key: str, tx: Tx) -> None:
    """Forget what the law asked about a trainer."""
    await facts.forget_profile(tx, UUID(key))


@handlers.on(ProposalAccepted)
async def draft_a_contract(event: ProposalAccepted, tx: Tx) -> None:
    """Everybody agreed: draw the contract up and judge it."""
    await drafting.draft(tx, event)


@handlers.on(ProposalLapsed)
async def let_go_of_its_contract(event: ProposalLapsed, tx: Tx) -> None:
    """Matching gave the place to others: a draft that came too late falls away."""
    await drafting.lapse(tx, event)


@handlers.on(VacancyWithdrawn)
async def let_go_of_its_contracts(event: VacancyWithdrawn, tx: Tx) -> None:
    """The school no longer asks: what has not begun falls away."""
    await working.withdraw(tx, event.vacancy_id)


@handlers.on(TrainerLeft)
async def end_everything_of_the_trainer(event: TrainerLeft, tx: Tx) -> None:
    """The trainer is gone: whatever is open ends."""
    await working.part_with(tx, event.trainer_id)


@handlers.on(TrainerAnonymised)
async def scrub_the_trainer(event: TrainerAnonymised, tx: Tx) -> None:
    """The person is erased here as well, and that is said."""
    await erasure.erase(tx, event.trainer_id, facts.scrub)
