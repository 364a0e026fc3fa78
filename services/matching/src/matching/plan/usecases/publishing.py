"""Publish a plan in waves: a wave is one transaction, so that there is all of it or nothing."""

# Each pair is looked at anew, as a search looks at it today: what the plan knew may be days old. The locks are taken in
# the order that ``proposal.usecases.proposing`` names.

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from common.errors import Conflict
from common.persistence.transaction import Tx
from matching.fairness import usecases as fairness
from matching.plan.model.run import PlanRun, Skipped
from matching.plan.model.snapshot import Rules
from matching.plan.store import plans
from matching.profile.store import profiles
from matching.proposal.model.asking import Asking
from matching.proposal.model.grounds import Occasion, candidate
from matching.proposal.model.proposal import Proposal
from matching.proposal.store import proposals
from matching.proposal.usecases import learning
from matching.proposal.usecases.proposing import propose
from matching.ranking.model.assessment import Standing
from matching.ranking.model.blindness import Viewer
from matching.ranking.model.ranking import Ranked
from matching.ranking.model.screening import HardRule
from matching.ranking.store import blind
from matching.ranking.usecases import keep, rank_pool
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.store import vacancies

AGAIN: Final = frozenset({"not_now", "enough_asked"})
"""What the next wave tries again."""
_ORDER: Final[Viewer] = ("order", "")
"""The viewer of no caller: no id that is ever shown tells the order."""
_AT_MOST: Final = 200
"""So many pairs one wave looks at, however few of them it can propose."""


class WaveUnderWay(Conflict):
    """Another wave is being published at this moment: repeat the request once it has ended."""


class NothingLeft(Conflict):
    """Every pair of this plan is proposed, or no longer holds."""


@dataclass(slots=True)
class Wave:
    """The outcome of one wave, for each pair that it looked at, by vacancy and trainer."""

    plan_id: UUID
    number: int
    proposed: dict[tuple[UUID, UUID], UUID] = field(default_factory=dict)
    skipped: dict[tuple[UUID, UUID], Skipped] = field(default_factory=dict)
    left: int = 0
    """Pairs that a next wave can try."""


async def publish(tx: Tx, plan_id: UUID, size: int | None = None) -> tuple[PlanRun, Wave]:
    """Propose the next pairs of a plan, ``size`` of them or as many as policy says.

    Raises:
        NotPossible: there is no plan, or not yet.
        WaveUnderWay: another one is being published.
        NothingLeft: there is nothing to be proposed.
        NotFound: there is no such plan.
    """
    if not await plans.take_the_turn(tx):
        raise WaveUnderWay
    plan = await plans.store.get(tx, plan_id, lock=True)
    plan.must_have_a_plan("published")
    left = [row for row in await plans.to_propose(tx, plan_id) if row["skipped"] is None or row["skipped"] in AGAIN]
    if not left:
        raise NothingLeft
    wave = Wave(plan.id, plan.waves + 1)
    most = size or Rules.of(await tx.policies(), tx.today).wave
    for batch in _batches(left[:_AT_MOST], most):
        await _propose(tx, wave, batch[: most - len(wave.proposed)])
        if len(wave.proposed) >= most:
            break
    tried = {*wave.proposed, *wave.skipped}
    again = sum(reason in AGAIN for reason in wave.skipped.values())
    wave.left = sum((row["vacancy_id"], row["trainer_id"]) not in tried for row in left) + again
    return await plans.store.keep(tx, plan.publish()), wave


def _batches(left: Sequence[Mapping[str, Any]], size: int) -> list[Sequence[Mapping[str, Any]]]:
    return [left[start : start + size] for start in range(0, len(left), size)]


async def _propose(tx: Tx, wave: Wave, rows: Sequence[Mapping[str, Any]]) -> None:
    await profiles.lock(tx, [row["trainer_id"] for row in rows])
    found: dict[UUID, Vacancy] = {}
    for vacancy_id in sorted({row["vacancy_id"] for row in rows}):
        found[vacancy_id] = await vacancies.get(tx, vacancy_id, lock=True)
    names = await blind.pseudonyms(tx)

    # In an order that says nothing about them: ids, moments and letters follow it.
    def drawn(row: Mapping[str, Any]) -> UUID:
        vacancy = found[row["vacancy_id"]]
        return names.of(vacancy.id, vacancy.round, _ORDER, row["trainer_id"])

    for row in sorted(rows, key=drawn):
        pair = (row["vacancy_id"], row["trainer_id"])
        outcome = await _try(tx, wave, found, *pair, row["chance"])
        if isinstance(outcome, Proposal):
            wave.proposed[pair] = outcome.id
            await plans.note_tried(tx, row, wave.number, proposal_id=outcome.id)
        else:
            wave.skipped[pair] = outcome
            await plans.note_tried(tx, row, wave.number, skipped=outcome)
        await asyncio.sleep(0)  # each ranks the pool; others get a turn


async def _try(
    tx: Tx, wave: Wave, found: dict[UUID, Vacancy], vacancy_id: UUID, trainer_id: UUID, chance: int
) -> Proposal | Skipped:
    vacancy = found[vacancy_id]
    opening = opening_of(vacancy.facts)
    if not vacancy.free or opening is None:
        return "vacancy_closed"
    if reason := await _in_the_way(tx, vacancy, trainer_id, chance):
        return reason
    ranked = await rank_pool(tx, opening)
    if trainer_id not in ranked.versions:
        return "does_not_fit"
    is_open = await proposals.count_open(tx, vacancy_id)
    occasion = Occasion(
        kind="plan", free=vacancy.free, asked=is_open, chance=chance, plan_id=wave.plan_id, wave=wave.number
    )
    found[vacancy_id], outcome = await _ask(tx, vacancy, ranked, trainer_id, occasion)
    return outcome


async def _in_the_way(tx: Tx, vacancy: Vacancy, trainer_id: UUID, chance: int) -> Skipped | None:
    """Return why the search would not ask this trainer now, whether they fit or not."""
    if await proposals.has_a_part(tx, vacancy.id, trainer_id):
        return "asked_already"
    if trainer_id in await proposals.asked_before(tx, vacancy.id, vacancy.round):
        return "had_a_turn"
    if trainer_id in await proposals.asked_by_its_board(tx, vacancy):
        return "not_now"
    return None if await _has_room(tx, vacancy, chance) else "enough_asked"


async def _ask(
    tx: Tx, vacancy: Vacancy, ranked: Ranked, trainer_id: UUID, occasion: Occasion
) -> tuple[Vacancy, Proposal | Skipped]:
    assessed = ranked.ranking.explain(trainer_id)
    if assessed.standing is Standing.REJECTED:
        # A quiet week passes: the next wave tries again.
        return vacancy, "not_now" if ranked.ranking.failed_by(trainer_id) == HardRule.QUIET_WEEK else "does_not_fit"
    ranking_id = blind.new_id(tx)
    vacancy = await keep(tx, vacancy, ranking_id, ranked)
    await fairness.note_fitting(tx, ranked.ranking)
    return await propose(tx, vacancy, candidate(ranked.ranking, ranking_id, assessed).on(occasion))


async def _has_room(tx: Tx, vacancy: Vacancy, chance: int) -> bool:
    """Whether the search would ask one more with this chance beside those who are asked already."""
    asking, is_open = Asking.of(await tx.policies(), tx.today), await proposals.open_for(tx, vacancy.id)
    known = await learning.outcomes(tx, vacancy.facts.region)
    chances = [asking.chance(each.form, each.grounds.kilometres, known) for each in is_open]
    return asking.how_many(vacancy.free, chances, [chance]) > 0
