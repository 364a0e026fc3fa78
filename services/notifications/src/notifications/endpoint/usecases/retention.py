"""Purge deliveries, and the events of the feed that no delivery needs any more."""

from __future__ import annotations

from typing import Final

from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from notifications.endpoint.store import deliveries
from notifications.fact.usecases import TERM, UNIT


async def purge_deliveries(tx: Tx) -> int:
    """Delete what was delivered long ago; return how many rows that were.

    Raises:
        MissingDependency: the policy has not arrived.
    """
    before = await cutoff(tx, TERM, UNIT)
    return 0 if before is None else await deliveries.purge(tx, before=before)


async def purge_feed(tx: Tx) -> int:
    """Delete old events of which no delivery is left; return how many rows that were.

    Raises:
        MissingDependency: the policy has not arrived.
    """
    before = await cutoff(tx, TERM, UNIT)
    return 0 if before is None else await deliveries.purge_feed(tx, before=before)


PURGES: Final = (
    Purge(table="deliveries", policy=TERM, forget=purge_deliveries),
    Purge(table="feed", policy=TERM, forget=purge_feed),
)
"""In this order: an event stays as long as a delivery of it."""
