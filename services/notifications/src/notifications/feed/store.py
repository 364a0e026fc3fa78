"""Append to the feed, one transaction at a time, read on in it, and purge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert

from common.persistence.terms import CHUNK
from common.persistence.transaction import Tx
from notifications.feed.tables import feed

APPENDED: Final = "notifications.feed"
"""Woken after each commit that appended something."""


async def append(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append events that are not there yet.

    One transaction at a time: a reader passes no row by, since rows are visible in the order of their positions.
    """
    if not rows:
        return
    await tx.execute(_ONE_AT_A_TIME)
    new = insert(feed).on_conflict_do_nothing().returning(feed.c.position, sort_by_parameter_order=False)
    if positions := sorted((await tx.execute(new, list(rows))).scalars()):
        await tx.execute(_OWN, {"positions": positions})
        tx.woken.add(APPENDED)


async def read_on(tx: Tx, after: int, limit: int) -> Sequence[Row[Any]]:
    """Return what comes behind a position, in order, without its texts."""
    columns = (feed.c.position, feed.c.event_id, feed.c.event, feed.c.subject, feed.c.owners)
    query = select(*columns).where(feed.c.position > after).order_by(feed.c.position).limit(limit)
    return (await tx.execute(query)).all()


async def purge(tx: Tx, *, before: datetime, needed: ColumnElement[UUID]) -> int:
    """Delete events from before a moment whose ids are not in a column of another table; return how many."""
    kept = exists().where(needed == feed.c.event_id)
    old = select(feed.c.position).where(feed.c.recorded_at < before, ~kept).order_by(feed.c.recorded_at).limit(CHUNK)
    return int((await tx.execute(delete(feed).where(feed.c.position.in_(old)))).rowcount)


# Of the feed in this schema: a rebuild, in one of its own, would wait for a writer that waits for its lock.
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || ' feed'))")
_OWN: Final = text("""
    INSERT INTO feed_owners (position, owner_id)
    SELECT DISTINCT position, unnest(owners) FROM feed WHERE position = ANY(CAST(:positions AS bigint[]))
""")
