"""Append to the feed, one transaction at a time, and purge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert

from common.persistence.terms import CHUNK
from common.persistence.transaction import Tx
from notifications.fact.store import take_turn
from notifications.feed.tables import feed


async def append(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append events that are not there yet."""
    if not rows:
        return
    await take_turn(tx)
    new = insert(feed).on_conflict_do_nothing().returning(feed.c.position, sort_by_parameter_order=False)
    if positions := sorted((await tx.execute(new, list(rows))).scalars()):
        await tx.execute(_OWN, {"positions": positions})


async def purge(tx: Tx, *, before: datetime, needed: ColumnElement[UUID]) -> int:
    """Delete events from before a moment whose ids are not in a column of another table; return how many."""
    kept = exists().where(needed == feed.c.event_id)
    old = select(feed.c.position).where(feed.c.recorded_at < before, ~kept).order_by(feed.c.recorded_at).limit(CHUNK)
    return int((await tx.execute(delete(feed).where(feed.c.position.in_(old)))).rowcount)


_OWN: Final = text("""
    INSERT INTO feed_owners (position, owner_id)
    SELECT DISTINCT position, unnest(owners) FROM feed WHERE position = ANY(CAST(:positions AS bigint[]))
""")
