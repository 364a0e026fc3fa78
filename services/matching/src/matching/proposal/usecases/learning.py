"""Learn how often all parties consent, by region, form and distance band, and of nobody in particular."""

from __future__ import annotations

from datetime import date
from typing import Final

from common.persistence.terms import CHUNK, Purge, term
from common.persistence.transaction import Tx
from matching.proposal import store
from matching.proposal.model.asking import Asking, Outcomes
from matching.proposal.model.proposal import Proposal

TERM: Final = "retention.asking_outcomes"
"""For so long an outcome counts; then it is removed."""


async def note(tx: Tx, proposal: Proposal) -> None:
    """Count the end of a proposal of matching itself, where the parties answered it or let the time pass."""
    if proposal.consented is not None and proposal.by == "matching":
        asking = Asking.of(await tx.policies(), tx.today)
        await store.add_outcome(
            tx,
            region=proposal.region,
            form=proposal.form,
            within_km=asking.within_km(proposal.grounds.kilometres),
            consented=proposal.consented,
        )


async def outcomes(tx: Tx, region: str | None) -> Outcomes:
    """Return what is known of a region.

    Raises:
        Missing: the policy has not arrived.
    """
    return await store.outcomes_of(tx, region, await _since(tx))


async def purge_outcomes(tx: Tx) -> int:
    """Remove a chunk of outcomes past their term; return how many.

    Raises:
        Missing: the policy has not arrived.
    """
    return await store.purge_outcomes(tx, await _since(tx), at_most=CHUNK)


async def _since(tx: Tx) -> date:
    """Return the first day whose outcomes count."""
    kept = await term(tx, TERM)
    return date.min if kept is None else tx.today - kept


PURGE: Final = Purge(table="asking_outcomes", policy=TERM, forget=purge_outcomes)
