"""The feed: every event that outsiders may see, in one order, with who may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert

from common.persistence.terms import CHUNK
from common.persistence.transaction import Tx
from notifications.store.contacts import take_turn
from notifications.store.tables import deliveries, feed


async def append(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> dict[UUID, int]:
    """Append events that are not there yet; return the places of the new ones."""
    if not rows:
        return {}
    await take_turn(tx)
    new = (
        insert(feed).on_conflict_do_nothing().returning(feed.c.event_id, feed.c.position, sort_by_parameter_order=False)
    )
    places = {row.event_id: row.position for row in await tx.execute(new, list(rows))}
    if places:
        await tx.execute(_OWN, {"positions": sorted(places.values())})
    return places


async def tidy(tx: Tx, *, before: datetime) -> int:
    """Forget events from before a moment that are owed to nobody; return how many."""
    owed = exists().where(deliveries.c.event_id == feed.c.event_id)
    old = select(feed.c.position).where(feed.c.recorded_at < before, ~owed).order_by(feed.c.recorded_at).limit(CHUNK)
    return int((await tx.execute(delete(feed).where(feed.c.position.in_(old)))).rowcount)


_OWN: Final = text("""
    INSERT INTO feed_owners (position, owner_id)
    SELECT DISTINCT position, unnest(owners) FROM feed WHERE position = ANY(CAST(:positions AS bigint[]))
""")
