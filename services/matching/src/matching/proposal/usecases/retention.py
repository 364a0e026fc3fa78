"""Purge why a trainer was proposed, some weeks after a proposal ended without a contract, and not before an appeal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from common.clock import beginning_of
from common.persistence.terms import Purge
from common.persistence.transaction import Tx
from matching.proposal.store import proposals
from matching.ranking.store import rankings

BATCH: Final = 500
TERM: Final = "retention.declined_proposal"
_APPEAL: Final = "matching.appeal"


async def purge_grounds(tx: Tx) -> int:
    """Empty a batch of proposals that led to no contract, where their time is over; return how many there were.

    What stays is that a trainer was asked, when, and what was answered; rank and score as numbers.

    Raises:
        Missing: a policy has not arrived.
    """
    old = await proposals.purge_grounds(tx, await _before(tx), at_most=BATCH)
    for proposal in old:
        await rankings.erase(tx, proposal.trainer_id, ranking_id=proposal.grounds.ranking_id)
    return len(old)


async def _before(tx: Tx) -> datetime:
    """Return the moment before which a proposal ended whose grounds go: past the term, and past the last day to appeal.

    Raises:
        Missing: a policy has not arrived.
    """
    policies = await tx.policies()
    term = tx.now - timedelta(weeks=policies.on(TERM, tx.today).value["weeks"])
    # An appeal is lodged until the end of its last day, and a term in weeks ends at an hour of it.
    to_appeal = timedelta(days=policies.on(_APPEAL, tx.today).value["lodgeWithinDays"])
    return min(term, beginning_of(tx.today - to_appeal))


PURGE: Final = Purge(table="proposals", policy=TERM, forget=purge_grounds)
