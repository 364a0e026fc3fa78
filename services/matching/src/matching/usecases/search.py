"""The search: propose the best for every free place, keep whoever waits in mind, and look again in time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from common.errors import NotFound
from common.persistence.transaction import Tx
from events.matching import Proposer
from matching.model.assessment import Assessment
from matching.model.blindness import Viewer
from matching.model.editions import Editions
from matching.model.grounds import Candidate, best
from matching.model.opening import Opening
from matching.model.pool import Pool
from matching.model.profile import Profile
from matching.model.proposal import Proposal
from matching.model.published import opening_of
from matching.model.ranking import Ranking, rank
from matching.model.reach import Box
from matching.model.terms import Terms
from matching.model.vacancy import Status, Vacancy
from matching.store import blind, proposals, rankings, trainers, vacancies
from matching.store.trainers import Ranked

LOOKS_AGAIN: Final = "vacancy.looks-again"
ESCALATES: Final = "vacancy.escalates"
COMPARES: Final = "trainer.compares"
REMINDS: Final = "proposal.reminds"
EXPIRES: Final = "proposal.expires"
LAPSES: Final = "proposal.lapses"
WITHDRAWS: Final = "proposal.withdraws"
EVERY_DAY: Final = timedelta(days=1)
"""How often a waiting vacancy is looked at again: consents, certificates and rules change with the day."""
_ORDER: Final[Viewer] = ("order", "")
"""Nobody looks as this one: no id that is ever shown tells the order."""
_TURN: Final = 50
"""Comparisons, of a third of a millisecond each, after which others get a turn."""


async def fill(tx: Tx, vacancy: Vacancy) -> Vacancy:
    """Ask the best candidate for each free place that nobody is asked for; where nobody fits, it waits.

    The vacancy must be locked.
    """
    with tx.at_present():  # whoever is asked has the whole term, and must be available and consent today
        return await _fill(tx, vacancy)


async def _fill(tx: Tx, vacancy: Vacancy) -> Vacancy:
    missing = vacancy.free - await proposals.count_open(tx, vacancy.id)
    if missing <= 0:
        return vacancy
    opening = opening_of(vacancy.facts)
    if opening is None:
        vacancy = await _wait(tx, vacancy, missing, candidates=0)
        return await vacancies.apply(tx, *vacancy.escalate(missing=missing, candidates=0))
    asked = await proposals.asked_before(tx, vacancy.id, vacancy.round)
    # One question of a board at a time: else whoever comes, says no or leaves would show at several of its vacancies.
    asked |= await proposals.asked_by_its_board(tx, vacancy)
    ranked = await trainers.ranked(tx, opening, without=asked)
    ranking_id = blind.new_id(tx)
    found = best(ranked.ranking, ranking_id, missing)
    # A vacancy that waits looks again and again: only what comes of it is worth keeping.
    if found or vacancy.status is not Status.WAITING:
        vacancy = await keep_ranking(tx, vacancy, ranking_id, ranked)
    for candidate in await _mixed(tx, vacancy, found):
        vacancy, _ = await propose(tx, vacancy, candidate)
    if len(found) < missing:
        vacancy = await _wait(tx, vacancy, missing - len(found), candidates=len(ranked.ranking.evidence.profiles))
    return vacancy


async def propose(
    tx: Tx, vacancy: Vacancy, candidate: Candidate, *, by: Proposer = "matching"
) -> tuple[Vacancy, Proposal]:
    """Ask everybody about a candidate; the vacancy leaves the waiting list when no place is without one."""
    terms = Terms.of(await tx.policies(), tx.today)
    new = blind.new_id(tx, after=await proposals.count_all(tx, vacancy.id))
    made = Proposal.make(new, vacancy, candidate, by=by, at=tx.now, answer_before=tx.now + terms.answer)
    proposal = await proposals.add(tx, *made, policy_version=candidate.grounds.policy_version)
    await tx.set_deadline(EXPIRES, proposal.id, proposal.answer_before, case=proposal.case)
    if terms.reminders:
        await tx.set_deadline(REMINDS, proposal.id, proposal.made_at + terms.reminders[0], case=proposal.case)
    if vacancy.status is Status.WAITING and vacancy.free <= await proposals.count_open(tx, vacancy.id):
        vacancy = await vacancies.apply(tx, *vacancy.promote(proposal.id))
        await stop_waiting(tx, vacancy.id)
    return vacancy, proposal


async def keep_ranking(tx: Tx, vacancy: Vacancy, ranking_id: UUID, ranked: Ranked) -> Vacancy:
    """Keep a ranking as evidence, and tell that it was made."""
    fitting, version = await rankings.keep(tx, ranking_id, ranked), ranked.ranking.evidence.policies.version
    told = vacancy.ranked(
        ranking_id, candidates=len(ranked.ranking.evidence.profiles), fitting=fitting, policy_version=version
    )
    return await vacancies.apply(tx, *told, policy_version=version)


async def rank_now(tx: Tx, opening: Opening) -> Ranking:
    """Rank everybody known as of now; nothing is kept of it."""
    return (await trainers.ranked(tx, opening)).ranking


async def some_time(tx: Tx) -> timedelta:
    """Return a span that nobody can foresee, within what policy ``matching.editions`` spreads things over."""
    spread = Editions.of(await tx.policies(), tx.today).spread
    return timedelta(seconds=secrets.randbelow(int(spread.total_seconds()) + 1))


async def assess(tx: Tx, opening: Opening, trainer_id: UUID) -> Assessment:
    """Assess one trainer alone as of now, fitting or not; nothing is kept of it.

    Raises:
        NotFound: matching does not know this trainer (any more).
    """
    profile = await trainers.profile(tx, trainer_id)
    if profile is None:
        raise NotFound(what="trainer", id=trainer_id)
    return rank(opening, Pool([profile]), await tx.policies(), tx.today).explain(trainer_id)


async def look_again(tx: Tx, vacancy_id: UUID) -> None:
    """Look for a waiting vacancy's candidates anew."""
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    if vacancy.status is Status.WAITING:
        vacancy = await fill(tx, vacancy)
    if vacancy.status is Status.WAITING:
        await tx.set_deadline(LOOKS_AGAIN, vacancy_id, tx.now + EVERY_DAY, case=vacancy.case)


async def escalate(tx: Tx, vacancy_id: UUID) -> None:
    """Ask the desk to help a vacancy that still waits."""
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    if vacancy.status is Status.WAITING:
        missing = vacancy.free - await proposals.count_open(tx, vacancy_id)
        await vacancies.apply(tx, *vacancy.escalate(missing=missing, candidates=await trainers.count(tx)))


async def compare(tx: Tx, trainer_id: UUID) -> None:
    """Compare one trainer, who is new or offers something else, with the vacancies that wait, and with nobody else."""
    profile = await trainers.profile(tx, trainer_id, lock=True)
    if profile is None or profile.paused:
        return
    box, fitting = Box.around(profile.place, profile.limit_km(0)), list[tuple[Vacancy, Ranked]]()
    for number, waiting in enumerate(await vacancies.waiting_within(tx, box, profile.languages), start=1):
        if number % _TURN == 0:
            await asyncio.sleep(0)
        opening = opening_of(waiting.facts)
        if opening is not None and (ranked := await _alone(tx, opening, profile)):
            fitting.append((waiting, ranked))
    asked, boards = await proposals.asked_of(tx, trainer_id)
    for waiting, ranked in _one_a_board(fitting, asked, boards):
        await _promote(tx, waiting.id, ranked)


def _one_a_board(
    fitting: Iterable[tuple[Vacancy, Ranked]], asked: Container[tuple[UUID, int]], boards: Iterable[UUID]
) -> list[tuple[Vacancy, Ranked]]:
    """Return of each board that does not ask already who waits longest, in the order in which they are locked."""
    chosen, taken = list[tuple[Vacancy, Ranked]](), set(boards)
    for vacancy, ranked in sorted(fitting, key=lambda each: (cast("datetime", each[0].waiting_since), each[0].id)):
        if vacancy.facts.board_id not in taken and (vacancy.id, vacancy.round) not in asked:
            taken.add(vacancy.facts.board_id)
            chosen.append((vacancy, ranked))
    return sorted(chosen, key=lambda each: each[0].id)


async def _mixed(tx: Tx, vacancy: Vacancy, found: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates in an order that says nothing about them: ids, moments and letters follow it.

    It is the order of a keyed hash, so the same candidates of a vacancy always come in the same order.
    """
    names = await blind.pseudonyms(tx)
    return sorted(found, key=lambda each: names.of(vacancy.id, vacancy.round, _ORDER, each.trainer_id))


async def stop_waiting(tx: Tx, vacancy_id: UUID) -> None:
    """Drop what was planned for a vacancy that waited."""
    await tx.cancel_deadline(LOOKS_AGAIN, vacancy_id)
    await tx.cancel_deadline(ESCALATES, vacancy_id)


async def _alone(tx: Tx, opening: Opening, profile: Profile) -> Ranked | None:
    """Rank somebody alone; None where it does not fit."""
    ranking = rank(opening, Pool([profile]), await tx.policies(), tx.today)
    if not ranking.shortlist:
        return None
    return Ranked(ranking=ranking, versions=await trainers.versions_of(tx, [profile.trainer_id]))


async def _promote(tx: Tx, vacancy_id: UUID, ranked: Ranked) -> None:
    """Propose who fits a vacancy that waited, if it still does and the trainer had no turn there."""
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    ranking_id = blind.new_id(tx)
    candidate = best(ranked.ranking, ranking_id, 1)[0]
    asked = await proposals.asked_before(tx, vacancy.id, vacancy.round)
    if vacancy.status is Status.WAITING and candidate.trainer_id not in asked:
        vacancy = await keep_ranking(tx, vacancy, ranking_id, ranked)
        await propose(tx, vacancy, candidate)


async def _wait(tx: Tx, vacancy: Vacancy, missing: int, *, candidates: int) -> Vacancy:
    waits = await vacancies.apply(tx, *vacancy.wait(missing=missing, candidates=candidates, at=tx.now))
    if vacancy.status is not Status.WAITING:
        terms = Terms.of(await tx.policies(), tx.today)
        await tx.set_deadline(ESCALATES, waits.id, tx.now + terms.waiting, case=waits.case)
        # Once more as soon as this has committed: a trainer may be coming in at this very moment, and is compared
        # after its own commit. Whichever of the two is last sees the other.
        await tx.set_deadline(LOOKS_AGAIN, waits.id, tx.now, case=waits.case)
    return waits
