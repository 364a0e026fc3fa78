"""Purge cases some years after their last step, and what operators solved."""

from __future__ import annotations

from typing import Final

from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from operations.store import cases, parking

BATCH: Final = 200
CASES_TERM: Final = "retention.cases"
PARKED_TERM: Final = "retention.parked_history"


async def purge_cases(tx: Tx) -> int:
    """Remove a batch of closed cases past their term, with all that belongs to them; return how many cases.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, CASES_TERM, "daysAfterLastStep")
    return 0 if before is None else await cases.purge(tx, before, at_most=BATCH)


async def purge_parked(tx: Tx) -> int:
    """Remove a batch of parked keys that were solved long ago; return how many.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, PARKED_TERM, "daysAfterSolved")
    return 0 if before is None else await parking.purge_solved(tx, before, at_most=BATCH)


PURGES: Final = (
    Purge(table="cases", policy=CASES_TERM, forget=purge_cases),
    Purge(table="parked", policy=PARKED_TERM, forget=purge_parked),
)
