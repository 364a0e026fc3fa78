"""When something happens elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from common.messaging import erasure
from common.messaging.consumer import Handlers
from common.messaging.consumer.handlers import Received
from common.persistence.transaction import Tx
from contracts.contract import usecases
from events.matching import ProposalLapsed
from events.registry import (
    TrainerAnonymised,
    VacancyChanged,
    VacancyFacts,
    VacancyPosted,
    VacancyWithdrawn,
)

handlers: Final = Handlers()


@handlers.bulk(VacancyPosted, VacancyChanged)
async def follow_vacancies(received: Sequence[Received], tx: Tx) -> None:
    """Move contracts with their vacancies to another region."""
    events = [cast("VacancyFacts", item.event) for item in received]
    await usecases.follow_vacancies(tx, {event.vacancy_id: event.region for event in events})


@handlers.on(ProposalLapsed)
async def let_go_of_its_contract(event: ProposalLapsed, tx: Tx) -> None:
    """Matching gave the place to others: a draft that came too late falls away."""
    await usecases.lapse(tx, event)


@handlers.on(VacancyWithdrawn)
async def let_go_of_its_contracts(event: VacancyWithdrawn, tx: Tx) -> None:
    """The school no longer asks: what has not begun falls away."""
    await usecases.withdraw(tx, event.vacancy_id)


@handlers.on(TrainerAnonymised)
async def scrub_the_trainer(event: TrainerAnonymised, tx: Tx) -> None:
    """The person is erased here as well, and that is confirmed."""
    await erasure.erase(tx, event.trainer_id)
