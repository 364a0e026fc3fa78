"""Rank the pool, or one trainer; store a ranking as evidence, and purge it past its term."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from common.errors import NotFound
from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.profile.store import profiles
from matching.profile.store.pool import pool_for
from matching.ranking.model.assessment import Assessment
from matching.ranking.model.changes import Way
from matching.ranking.model.ranking import Ranked, rank
from matching.ranking.store import rankings
from matching.vacancy.model.opening import Opening
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.store import vacancies

BATCH: Final = 500
WAYS: Final = 2
"""More advice than this is none."""
RANKINGS_TERM: Final = "retention.rankings"


async def rank_pool(tx: Tx, opening: Opening, *, without: Collection[UUID] = (), open_counts: bool = True) -> Ranked:
    """Rank every candidate of this moment, what this very transaction wrote included.

    ``open_counts`` says whether work counts that a trainer is only asked for.
    10,000 trainers take about 5 ms, so it stays in this process.

    Raises:
        Missing: a policy row is not known here yet.
    """
    policies = await tx.policies()
    async with pool_for(tx, without=without) as candidates:
        ranking = rank(opening, candidates.pool, policies, tx.today, open_counts=open_counts)
        return Ranked(ranking=ranking, versions=dict(candidates.versions))


async def rank_alone(tx: Tx, opening: Opening, profile: Profile) -> Ranked | None:
    """Rank one trainer alone; None where the trainer does not fit."""
    ranking = rank(opening, Pool([profile]), await tx.policies(), tx.today)
    if not ranking.shortlist:
        return None
    return Ranked(ranking=ranking, versions=await profiles.versions_of(tx, [profile.trainer_id]))


async def assess(tx: Tx, opening: Opening, trainer_id: UUID) -> tuple[Assessment, tuple[Way, ...]]:
    """Assess one trainer alone as of now, fitting or not, with the smallest changes that would help; store nothing.

    Raises:
        NotFound: matching does not know this trainer (any more).
    """
    profile = await profiles.profile(tx, trainer_id)
    if profile is None:
        raise NotFound(what="trainer", id=trainer_id)
    ranking = rank(opening, Pool([profile]), await tx.policies(), tx.today)
    return ranking.explain(trainer_id), ranking.ways(trainer_id, at_most=WAYS)


async def keep(tx: Tx, vacancy: Vacancy, ranking_id: UUID, ranked: Ranked) -> Vacancy:
    """Store a ranking as evidence, and publish that it was made."""
    fitting, version = await rankings.keep(tx, ranking_id, ranked), ranked.ranking.evidence.policies.version
    change = vacancy.ranked(
        ranking_id, candidates=len(ranked.ranking.evidence.profiles), fitting=fitting, policy_version=version
    )
    return await vacancies.apply(tx, *change, policy_version=version)


async def purge_rankings(tx: Tx) -> int:
    """Remove a batch of rankings past their term, with their shortlists; return how many.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, RANKINGS_TERM)
    return 0 if before is None else await rankings.purge(tx, before, at_most=BATCH)


PURGE: Final = Purge(table="rankings", policy=RANKINGS_TERM, forget=purge_rankings)
