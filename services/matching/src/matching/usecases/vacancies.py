"""What becomes of a vacancy here when registry says something of it."""

from __future__ import annotations

from uuid import UUID

from common.persistence.transaction import Tx
from events.matching import WithdrawReason
from events.registry import VacancyFacts
from matching.model.published import facts_of, opening_of
from matching.model.vacancy import Vacancy
from matching.store import proposals, vacancies
from matching.usecases import ending, search


async def post(tx: Tx, told: VacancyFacts) -> Vacancy:
    """Begin the search for a new vacancy."""
    facts = facts_of(told)
    opening_of(facts)
    vacancy = await vacancies.add(tx, Vacancy(id=facts.vacancy_id, facts=facts), [])
    return await search.fill(tx, vacancy)


async def change(tx: Tx, told: VacancyFacts) -> None:
    """Take over what the school asks now; other terms end the open proposals, and everybody may be asked anew."""
    facts = facts_of(told)
    opening_of(facts)
    before = await vacancies.find(tx, facts.vacancy_id, lock=True)
    if before is None:
        return
    vacancy = await vacancies.keep(tx, before.change(facts))
    await proposals.follow(tx, vacancy)
    if vacancy.round != before.round:
        await _withdraw_open(tx, vacancy.id, "vacancy_changed")
    await search.stop_waiting(tx, vacancy.id)
    await search.fill(tx, vacancy)


async def withdraw(tx: Tx, vacancy_id: UUID) -> None:
    """Stop for good."""
    if vacancy := await vacancies.find(tx, vacancy_id, lock=True):
        await vacancies.keep(tx, vacancy.withdraw())
        await _end_search(tx, vacancy_id, "vacancy_withdrawn")


async def close(tx: Tx, vacancy_id: UUID, reason: WithdrawReason) -> None:
    """Stop for now: it is filled, expired or over."""
    if vacancy := await vacancies.find(tx, vacancy_id, lock=True):
        await vacancies.keep(tx, vacancy.close())
        await _end_search(tx, vacancy_id, reason)


async def reopen(tx: Tx, vacancy_id: UUID) -> None:
    """Look again."""
    if vacancy := await vacancies.find(tx, vacancy_id, lock=True):
        await search.fill(tx, await vacancies.keep(tx, vacancy.reopen()))


async def _end_search(tx: Tx, vacancy_id: UUID, reason: WithdrawReason) -> None:
    await _withdraw_open(tx, vacancy_id, reason)
    await search.stop_waiting(tx, vacancy_id)


async def _withdraw_open(tx: Tx, vacancy_id: UUID, reason: WithdrawReason) -> None:
    for proposal in await proposals.open_for(tx, vacancy_id):
        await ending.ended(tx, proposal.withdraw(reason, tx.now))
