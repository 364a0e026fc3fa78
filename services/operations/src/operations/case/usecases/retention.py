"""Purge cases some years after their last step."""

from __future__ import annotations

from typing import Final

from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from operations.case import store

BATCH: Final = 200
CASES_TERM: Final = "retention.cases"


async def purge_cases(tx: Tx) -> int:
    """Remove a batch of closed cases past their term, with all that belongs to them; return how many cases.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, CASES_TERM, "daysAfterLastStep")
    return 0 if before is None else await store.purge(tx, before, at_most=BATCH)


PURGE: Final = Purge(table="cases", policy=CASES_TERM, forget=purge_cases)
