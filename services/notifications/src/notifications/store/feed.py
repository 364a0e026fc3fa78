"""The feed: every event that outsiders may see, in one order, with who may see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert

from common.persistence.terms import CHUNK
from common.persistence.transaction import Tx
from notifications.store.tables import deliveries, feed


async def append(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> dict[UUID, int]:
    """Append events that are not there yet; return the places of the new ones.

    One transaction at a time: places are then visible in their order, and a reader never passes one by.
    """
    if not rows:
        return {}
    await tx.execute(_ONE_AT_A_TIME)
    new = (
        insert(feed).on_conflict_do_nothing().returning(feed.c.event_id, feed.c.position, sort_by_parameter_order=False)
    )
    places = {row.event_id: row.position for row in await tx.execute(new, list(rows))}
    if places:
        await tx.execute(_OWN, {"positions": sorted(places.values())})
    return places


async def names_about(tx: Tx, subjects: Mapping[str, UUID], names: Collection[str]) -> dict[UUID, list[str]]:
    """Return which of these events were told of each subject, in their order."""
    found: dict[UUID, list[str]] = {}
    if subjects:
        told = select(feed.c.subject, feed.c.event).where(
            feed.c.subject.in_(sorted(subjects)), feed.c.event.in_(sorted(names))
        )
        for row in await tx.execute(told.order_by(feed.c.position)):
            found.setdefault(subjects[row.subject], []).append(row.event)
    return found


async def tidy(tx: Tx, *, before: datetime) -> int:
    """Forget events from before a moment that are owed to nobody; return how many."""
    owed = exists().where(deliveries.c.event_id == feed.c.event_id)
    old = select(feed.c.position).where(feed.c.recorded_at < before, ~owed).order_by(feed.c.recorded_at).limit(CHUNK)
    return int((await tx.execute(delete(feed).where(feed.c.position.in_(old)))).rowcount)


_OWN: Final = text("""
    INSERT INTO feed_owners (position, owner_id)
    SELECT DISTINCT position, unnest(owners) FROM feed WHERE position = ANY(CAST(:positions AS bigint[]))
""")
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('notifications feed'))")
