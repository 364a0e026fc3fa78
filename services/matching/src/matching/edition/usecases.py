"""Delays that link nothing to a trainer, and the profile versions that neither an edition nor a ranking needs."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from matching.edition import store
from matching.edition.model import Editions
from matching.ranking.usecases import BATCH, RANKINGS_TERM


async def random_delay(tx: Tx) -> timedelta:
    """Return a span that cannot be foreseen, up to what policy ``matching.editions`` spreads things over."""
    spread = Editions.of(await tx.policies(), tx.today).spread
    return timedelta(seconds=secrets.randbelow(int(spread.total_seconds()) + 1))


async def purge_versions(tx: Tx) -> int:
    """Remove a batch of profile versions that no ranking within its term has seen; return how many.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, RANKINGS_TERM)
    return 0 if before is None else await store.purge_versions(tx, before, at_most=BATCH)


PURGE: Final = Purge(table="profile_versions", policy=RANKINGS_TERM, forget=purge_versions)
