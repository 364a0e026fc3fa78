"""Forget why somebody was proposed, some weeks after nothing came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from common.transaction import Tx
from matching.store import proposals, rankings

BATCH: Final = 500


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
