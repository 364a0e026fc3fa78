"""When registry ends the search for a vacancy."""

from __future__ import annotations

from typing import Final

from common.messaging.consumer import Handlers
from common.persistence.transaction import Tx
from events.registry import VacancyClosed, VacancyExpired, VacancyFilled, VacancyWithdrawn
from matching.vacancy import usecases

handlers: Final = Handlers()


@handlers.on(VacancyWithdrawn)
async def withdraw(event: VacancyWithdrawn, tx: Tx) -> None:
    """The school takes it back: the search ends for good."""
    await usecases.withdraw(tx, event.vacancy_id)


@handlers.on(VacancyFilled)
async def close_filled(event: VacancyFilled, tx: Tx) -> None:
    """Every place is filled: the search ends for now."""
    await usecases.close(tx, event.vacancy_id)


@handlers.on(VacancyExpired)
async def close_expired(event: VacancyExpired, tx: Tx) -> None:
    """The vacancy has expired: the search ends for now."""
    await usecases.close(tx, event.vacancy_id)


@handlers.on(VacancyClosed)
async def close(event: VacancyClosed, tx: Tx) -> None:
    """Its contracts are over: the search ends for now."""
    await usecases.close(tx, event.vacancy_id)
