"""Purge why somebody was proposed, some weeks after nothing came of it, and rankings past their term."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from matching.store import proposals, rankings, trainers

BATCH: Final = 500
RANKINGS_TERM: Final = "retention.rankings"


async def tidy(tx: Tx) -> int:
    """Scrub a batch of proposals that led to no contract, where their time is over; return how many there were.

    What stays is that somebody was asked, when, and what was answered; rank and score as numbers.

    Raises:
        Missing: policy ``retention.declined_proposal`` has not arrived.
    """
    weeks: int = (await tx.policies()).on("retention.declined_proposal", tx.today).value["weeks"]
    old = await proposals.forget_old(tx, tx.now - timedelta(weeks=weeks), at_most=BATCH)
    for proposal in old:
        await rankings.forget(tx, proposal.trainer_id, ranking_id=proposal.grounds.ranking_id)
    return len(old)


async def purge_rankings(tx: Tx) -> int:
    """Remove a batch of rankings past their term; return how many.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, RANKINGS_TERM)
    return 0 if before is None else await rankings.purge(tx, before, at_most=BATCH)


async def purge_versions(tx: Tx) -> int:
    """Remove a batch of profile versions that no ranking within its term has seen; return how many.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, RANKINGS_TERM)
    return 0 if before is None else await trainers.purge_versions(tx, before, at_most=BATCH)


PURGES: Final = (
    Purge(table="proposals", policy="retention.declined_proposal", forget=tidy),
    Purge(table="rankings", policy=RANKINGS_TERM, forget=purge_rankings),
    Purge(table="profile_versions", policy=RANKINGS_TERM, forget=purge_versions),
)
"""Whatever an hour purges; a ranking's shortlist goes with it."""
