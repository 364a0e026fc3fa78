"""When something happens elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from common.messaging.consumer import Handlers
from common.messaging.consumer.handlers import Received
from common.persistence.transaction import Tx
from contracts.assignment import usecases
from contracts.fact import usecases as facts
from events.registry import (
    ProfileState,
    TrainerLeft,
    VacancyChanged,
    VacancyFacts,
    VacancyPosted,
)

handlers: Final = Handlers()


@handlers.bulk(VacancyPosted, VacancyChanged)
async def follow_vacancies(received: Sequence[Received], tx: Tx) -> None:
    """Move assignments with their vacancies to another region."""
    events = [cast("VacancyFacts", item.event) for item in received]
    await usecases.follow_vacancies(tx, {event.vacancy_id: event.region for event in events})


@handlers.bulk(ProfileState)
async def keep_profiles(received: Sequence[Received], tx: Tx) -> None:
    """Copy what the law asks about trainers; what was held for a certificate that was shown may begin."""
    shown = await facts.keep_profiles(tx, [cast("ProfileState", item.event) for item in received])
    for trainer_id, cause in {UUID(item.envelope.key): item.envelope for item in received}.items():
        if trainer_id in shown:
            tx.cause = cause
            await usecases.retry_activation(tx, trainer_id)


@handlers.on(TrainerLeft)
async def end_everything_of_the_trainer(event: TrainerLeft, tx: Tx) -> None:
    """The trainer is gone: whatever is open ends."""
    await usecases.end_all_for_trainer(tx, event.trainer_id)
