"""Use cases of vacancies as registry publishes them, and of the waiting list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from common.persistence.transaction import Tx
from events.registry import VacancyFacts
from matching.vacancy.model.published import facts_of, opening_of
from matching.vacancy.model.terms import Terms
from matching.vacancy.model.vacancy import Status, Vacancy
from matching.vacancy.store import vacancies

RETRY_SEARCH: Final = "vacancy.looks-again"
ESCALATE: Final = "vacancy.escalates"
ASK: Final = "vacancy.asks"
EVERY_DAY: Final = timedelta(days=1)
"""How often the search for a waiting vacancy is retried: consents, certificates and rules change with the day."""


async def post(tx: Tx, published: VacancyFacts) -> Vacancy:
    """Store a new vacancy.

    Raises:
        Invalid: numbers that make no vacancy.
    """
    facts = facts_of(published)
    opening_of(facts)
    return await vacancies.add(tx, Vacancy(id=facts.vacancy_id, facts=facts), [])


async def change(tx: Tx, published: VacancyFacts) -> tuple[Vacancy, Vacancy] | None:
    """Take over what the school asks now; return the vacancy before and after, locked.

    Raises:
        Invalid: numbers that make no vacancy.
    """
    facts = facts_of(published)
    opening_of(facts)
    before = await vacancies.find(tx, facts.vacancy_id, lock=True)
    return None if before is None else (before, await vacancies.keep(tx, before.change(facts)))


async def withdraw(tx: Tx, vacancy_id: UUID) -> None:
    """End the search for good."""
    if vacancy := await vacancies.find(tx, vacancy_id, lock=True):
        await vacancies.keep(tx, vacancy.withdraw())
        await stop_waiting(tx, vacancy_id)


async def close(tx: Tx, vacancy_id: UUID) -> None:
    """End the search for now: the vacancy is filled, expired or over."""
    if vacancy := await vacancies.find(tx, vacancy_id, lock=True):
        await vacancies.keep(tx, vacancy.close())
        await stop_waiting(tx, vacancy_id)


async def reopen(tx: Tx, vacancy_id: UUID) -> Vacancy | None:
    """Open it again; return it, locked."""
    vacancy = await vacancies.find(tx, vacancy_id, lock=True)
    return None if vacancy is None else await vacancies.keep(tx, vacancy.reopen())


# -- the waiting list ---------------------------------------------------------------------------------------------


async def wait(tx: Tx, vacancy: Vacancy, missing: int, *, candidates: int) -> Vacancy:
    """Put a vacancy on the waiting list: nobody fits ``missing`` of its free places."""
    waits = await vacancies.apply(tx, *vacancy.wait(missing=missing, candidates=candidates, at=tx.now))
    if vacancy.status is not Status.WAITING:
        terms = Terms.of(await tx.policies(), tx.today)
        await tx.set_deadline(ESCALATE, waits.id, tx.now + terms.waiting, case=waits.case)
        # Once more as soon as this has committed: a trainer may be coming in at this very moment, and is matched
        # after its own commit. Whichever of the two is last sees the other.
        await tx.set_deadline(RETRY_SEARCH, waits.id, tx.now, case=waits.case)
    return waits


async def leave_to_plan(tx: Tx, vacancy: Vacancy, until: datetime) -> None:
    """Let the plan ask until this moment, and the search after it."""
    await tx.set_deadline(ASK, vacancy.id, until, case=vacancy.case)


async def retry_tomorrow(tx: Tx, vacancy: Vacancy) -> None:
    """Plan the next search for a vacancy that still waits."""
    await tx.set_deadline(RETRY_SEARCH, vacancy.id, tx.now + EVERY_DAY, case=vacancy.case)


async def escalate(tx: Tx, vacancy: Vacancy, missing: int, *, candidates: int) -> Vacancy:
    """Ask the desk to help a vacancy that waits."""
    return await vacancies.apply(tx, *vacancy.escalate(missing=missing, candidates=candidates))


async def promote(tx: Tx, vacancy: Vacancy, proposal_id: UUID) -> Vacancy:
    """Take a vacancy off the waiting list: with this proposal no free place is without a candidate."""
    promoted = await vacancies.apply(tx, *vacancy.promote(proposal_id))
    await stop_waiting(tx, vacancy.id)
    return promoted


async def stop_waiting(tx: Tx, vacancy_id: UUID) -> None:
    """Cancel the deadlines of a vacancy that waits, for a candidate or for the plan."""
    await tx.cancel_deadline(RETRY_SEARCH, vacancy_id)
    await tx.cancel_deadline(ESCALATE, vacancy_id)
    await tx.cancel_deadline(ASK, vacancy_id)
