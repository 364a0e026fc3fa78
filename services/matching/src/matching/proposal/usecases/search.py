"""The search: rank, propose the best for every free place, and put on the waiting list what nobody fits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from common.persistence.transaction import Tx
from events.registry import VacancyFacts
from matching.fairness import usecases as fairness
from matching.profile.store import profiles
from matching.proposal.model.asking import Asking
from matching.proposal.model.grounds import Candidate, Occasion, best
from matching.proposal.model.patience import Patience
from matching.proposal.store import proposals
from matching.proposal.usecases import learning
from matching.proposal.usecases.proposing import REVIEW_VACANCY, propose, withdraw_open
from matching.ranking.model.blindness import Viewer
from matching.ranking.model.ranking import Ranked
from matching.ranking.store import blind
from matching.ranking.usecases import keep, rank_pool
from matching.vacancy import usecases as waiting_list
from matching.vacancy.model.opening import Opening
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.vacancy import Status, Vacancy
from matching.vacancy.store import vacancies

_ORDER: Final[Viewer] = ("order", "")
"""The viewer of no caller: no id that is ever shown tells the order."""


async def begin(tx: Tx, published: VacancyFacts) -> Vacancy:
    """Begin the search for a new vacancy."""
    return await _leave_or_fill(tx, await waiting_list.post(tx, published))


async def begin_anew(tx: Tx, published: VacancyFacts) -> None:
    """Search by what the school asks now; other terms end the open proposals, and every trainer may be asked anew.

    Where the terms stay, who is asked is judged by what else has changed.
    """
    changed = await waiting_list.change(tx, published)
    if changed is None:
        return
    before, vacancy = changed
    await proposals.follow(tx, vacancy)
    if vacancy.round != before.round:
        await withdraw_open(tx, vacancy.id, "vacancy_changed")
    else:
        await tx.set_deadline(REVIEW_VACANCY, vacancy.id, tx.now, case=vacancy.case)
    await waiting_list.stop_waiting(tx, vacancy.id)
    await _leave_or_fill(tx, vacancy)


async def resume(tx: Tx, vacancy_id: UUID) -> None:
    """Search for a vacancy that is open again."""
    if vacancy := await waiting_list.reopen(tx, vacancy_id):
        await _leave_or_fill(tx, vacancy)


async def _leave_or_fill(tx: Tx, vacancy: Vacancy) -> Vacancy:
    """Rank a vacancy that can wait and leave it to the plan of the day; for any other, propose at once.

    One that too few fit is not left: it waits, and its school reads so today.
    """
    with tx.at_present():
        opening = opening_of(vacancy.facts)
        until = Patience.of(await tx.policies(), tx.today).until(vacancy.facts.starts_on, tx.now, tx.today)
        if opening is not None and until is not None and vacancy.free:
            ranking_id = blind.new_id(tx)
            ranked = await rank_pool(tx, opening, without=await _not_asked_again(tx, vacancy))
            if len(best(ranked.ranking, ranking_id, vacancy.free)) == vacancy.free:
                await waiting_list.leave_to_plan(tx, vacancy, until)
                return await keep(tx, vacancy, ranking_id, ranked)
    return await fill(tx, vacancy)


async def ask_after_the_plan(tx: Tx, vacancy_id: UUID) -> None:
    """Search for a vacancy that was left to the plan: of what no wave asked for, the best are proposed now."""
    await fill(tx, await vacancies.get(tx, vacancy_id, lock=True))


async def fill(tx: Tx, vacancy: Vacancy) -> Vacancy:
    """Propose the best candidates for the free places, as many at once as policy asks; else the vacancy waits.

    It waits where a free place has no candidate. The vacancy must be locked.
    """
    with tx.at_present():  # whoever is asked has the whole term, and must be available and consent today
        return await _fill(tx, vacancy)


async def _fill(tx: Tx, vacancy: Vacancy) -> Vacancy:
    if not vacancy.free:
        return vacancy
    asking, is_open = Asking.of(await tx.policies(), tx.today), await proposals.open_for(tx, vacancy.id)
    known = await learning.outcomes(tx, vacancy.facts.region)
    chances = [asking.chance(each.form, each.grounds.kilometres, known) for each in is_open]
    if asking.enough(vacancy.free, chances):
        return vacancy
    missing = max(vacancy.free - len(is_open), 0)
    opening = opening_of(vacancy.facts)
    if opening is None:
        if not missing:
            return vacancy
        vacancy = await waiting_list.wait(tx, vacancy, missing, candidates=0)
        return await waiting_list.escalate(tx, vacancy, missing, candidates=0)
    asked, ranking_id = await _not_asked_again(tx, vacancy), blind.new_id(tx)

    def chosen(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        following = [asking.chance(each.form, each.grounds.kilometres, known) for each in candidates]
        return candidates[: asking.how_many(vacancy.free, chances, following)]

    at_most = asking.room(vacancy.free, len(is_open))
    ranked, found = await _best(tx, opening, ranking_id, at_most, chosen, without=asked)
    missing -= len(found)
    # A vacancy that waits is searched for again and again: only a ranking with a consequence is stored.
    if found or (missing > 0 and vacancy.status is not Status.WAITING):
        vacancy = await keep(tx, vacancy, ranking_id, ranked)
    if found:
        await fairness.note_fitting(tx, ranked.ranking)
    for candidate in await _mixed(tx, vacancy, found):
        occasion = Occasion(
            kind="search",
            free=vacancy.free,
            asked=len(is_open),
            together=len(found),
            chance=asking.chance(candidate.form, candidate.grounds.kilometres, known),
        )
        vacancy, _ = await propose(tx, vacancy, candidate.on(occasion))
    if missing > 0:
        candidates = len(ranked.ranking.evidence.profiles)
        vacancy = await waiting_list.wait(tx, vacancy, missing, candidates=candidates)
    return vacancy


async def _not_asked_again(tx: Tx, vacancy: Vacancy) -> frozenset[UUID]:
    """Return the trainers whom the search passes over: they had their turn, or the board asks them elsewhere."""
    asked = await proposals.asked_before(tx, vacancy.id, vacancy.round)
    # One question of a board at a time: else whoever comes, says no or leaves would show at several of its vacancies.
    return asked | await proposals.asked_by_its_board(tx, vacancy)


@dataclass(frozen=True, slots=True)
class Reserved:
    """A trainer whom the search would ask next, and the chance in ten-thousandths that every party consents."""

    candidate: Candidate
    chance: int


async def reserve(tx: Tx, vacancy: Vacancy, opening: Opening) -> list[Reserved]:
    """Return those whom the search would ask next for a vacancy, in its order; as many as a shortlist has.

    Ranked as of now, as the search does it when a proposal ends: nothing is stored and no trainer is locked.
    """
    with tx.at_present():
        if not vacancy.searching:
            return []
        asking, known = Asking.of(await tx.policies(), tx.today), await learning.outcomes(tx, vacancy.facts.region)
        ranking = (await rank_pool(tx, opening, without=await _not_asked_again(tx, vacancy))).ranking
        found = best(ranking, blind.new_id(tx), ranking.evidence.criteria.shortlist_size)
        return [Reserved(each, asking.chance(each.form, each.grounds.kilometres, known)) for each in found]


async def _best(
    tx: Tx,
    opening: Opening,
    ranking_id: UUID,
    at_most: int,
    chosen: Callable[[Sequence[Candidate]], Sequence[Candidate]],
    *,
    without: Collection[UUID],
) -> tuple[Ranked, Sequence[Candidate]]:
    """Return a ranking, and those ``chosen`` from the best of it, locked.

    Where one was engaged elsewhere meanwhile everybody is ranked anew; who is locked then cannot be again.
    """
    while True:
        ranked = await rank_pool(tx, opening, without=without)
        found = chosen(best(ranked.ranking, ranking_id, at_most))
        now = await profiles.lock(tx, [each.trainer_id for each in found])
        if all(now.get(each.trainer_id) == ranked.versions[each.trainer_id] for each in found):
            return ranked, found


async def retry(tx: Tx, vacancy_id: UUID) -> None:
    """Search again for a vacancy that waits."""
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    if vacancy.status is Status.WAITING:
        vacancy = await fill(tx, vacancy)
    if vacancy.status is Status.WAITING:
        await waiting_list.retry_tomorrow(tx, vacancy)


async def escalate(tx: Tx, vacancy_id: UUID) -> None:
    """Ask the desk to help a vacancy that still waits."""
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    if vacancy.status is Status.WAITING:
        missing = vacancy.free - await proposals.count_open(tx, vacancy_id)
        await waiting_list.escalate(tx, vacancy, missing, candidates=await profiles.count(tx))


async def _mixed(tx: Tx, vacancy: Vacancy, found: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates in an order that says nothing about them: ids, moments and letters follow it.

    It is the order of a keyed hash, so the same candidates of a vacancy always come in the same order.
    """
    names = await blind.pseudonyms(tx)
    return sorted(found, key=lambda each: names.of(vacancy.id, vacancy.round, _ORDER, each.trainer_id))
