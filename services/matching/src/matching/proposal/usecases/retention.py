"""Purge why a trainer was proposed, some weeks after a proposal ended without a contract."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from common.persistence.terms import Purge
from common.persistence.transaction import Tx
from matching.proposal.store import proposals
from matching.ranking.store import rankings

BATCH: Final = 500
TERM: Final = "retention.declined_proposal"


async def purge_grounds(tx: Tx) -> int:
    """Empty a batch of proposals that led to no contract, where their time is over; return how many there were.

    What stays is that a trainer was asked, when, and what was answered; rank and score as numbers.

    Raises:
        Missing: the policy has not arrived.
    """
    weeks: int = (await tx.policies()).on(TERM, tx.today).value["weeks"]
    old = await proposals.purge_grounds(tx, tx.now - timedelta(weeks=weeks), at_most=BATCH)
    for proposal in old:
        await rankings.erase(tx, proposal.trainer_id, ranking_id=proposal.grounds.ranking_id)
    return len(old)


PURGE: Final = Purge(table="proposals", policy=TERM, forget=purge_grounds)
