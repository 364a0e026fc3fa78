"""Deliveries: one row per event and endpoint, taken in order per subject, kept when the attempts are used up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, text, update

from common.persistence.terms import CHUNK
from common.persistence.transaction import Tx, uuid7
from notifications.endpoint.store.claims import Claim
from notifications.endpoint.tables import cursor, deliveries
from notifications.feed import store as feed

# Of each subject the first pending delivery is its head; the others are *behind* it, and no claim looks at them.
QUEUE: Final = "notifications.deliveries"


class New(NamedTuple):
    """A delivery of an event of the feed that is to be enqueued."""

    endpoint_id: UUID
    event_id: UUID
    position: int
    subject: str


async def enqueue(tx: Tx, new: Sequence[New]) -> None:
    """Write deliveries that are not there yet, in the order of the feed.

    The last pending one of each subject is locked: a worker that is ending it either sees the new one, and makes it
    due, or has ended it, and the new one is due at once.
    """
    if not new:
        return
    subjects = sorted({(row.endpoint_id, row.subject) for row in new})
    waiting = await tx.execute(
        _LOCK_LAST, {"endpoints": [one for one, _ in subjects], "subjects": [subject for _, subject in subjects]}
    )
    pending = {(row.endpoint_id, row.subject) for row in waiting}
    rows = [(uuid7(), *row, (row.endpoint_id, row.subject) in pending) for row in new]
    columns = dict(zip(_NEW, map(list, zip(*rows, strict=True)), strict=True))
    await tx.execute(_ENQUEUE, {**columns, "due": tx.real_now, "now": tx.now})
    tx.woken.add(QUEUE)


async def lock_cursor(tx: Tx) -> int:
    """Return up to which position of the feed deliveries are enqueued; no other transaction goes on meanwhile."""
    return int((await tx.execute(select(cursor.c.position).with_for_update())).scalar_one())


async def move_cursor(tx: Tx, position: int) -> None:
    """Say that deliveries are enqueued up to a position."""
    await tx.execute(update(cursor).values(position=position))


async def delivered(tx: Tx, claimed: Claim, answer: int) -> bool:
    """Record that it was taken; False where the lease was overtaken."""
    return await _end(tx, claimed, {"status": "delivered", "delivered_at": tx.now, "answer": answer, "reason": None})


async def failed(tx: Tx, claimed: Claim, *, again_at: datetime, answer: int | None, reason: str, counts: bool) -> bool:
    """Record a failure that is tried again; False where the lease was overtaken. ``counts``: it used up an attempt."""
    values: dict[str, Any] = {"due_at": again_at, "answer": answer, "reason": reason}
    if not counts:
        values["attempts"] = claimed.lease.attempts - 1
    return await _note(tx, claimed, values)


async def give_back(tx: Tx, claimed: Claim, *, answer: int | None, reason: str) -> bool:
    """Record the failure of a probe before its time: it changes neither its attempts nor when it is due."""
    values = {"attempts": claimed.lease.attempts - 1, "answer": answer, "reason": reason}
    return await _note(tx, claimed, values)


async def keep(tx: Tx, claimed: Claim, *, answer: int | None, reason: str) -> bool:
    """Try no more by itself; False where the lease was overtaken."""
    return await _end(tx, claimed, {"status": "kept", "answer": answer, "reason": reason})


async def all_due(tx: Tx, endpoint_id: UUID) -> int:
    """Make all that waits for its next attempt due now; return how many that were."""
    return int((await tx.execute(_ALL_DUE, {"endpoint_id": endpoint_id, "now": tx.real_now})).rowcount)


async def redeliver(tx: Tx, endpoint_id: UUID, owner_id: UUID, **which: Any) -> int:
    """Enqueue again what an owner may see: one ``event_id``, or all from ``since`` to ``until``; return how many.

    What was never enqueued, since the endpoint came later or asked for other events, is enqueued now.
    """
    asked = {"event_id": None, "since": None, "until": None, "names": None, **which}
    result = await tx.execute(
        _REDELIVER, {"endpoint_id": endpoint_id, "owner_id": owner_id, "now": tx.now, "due": tx.real_now, **asked}
    )
    await tx.execute(_RANK, {"endpoint_id": endpoint_id})
    tx.woken.add(QUEUE)
    return int(result.rowcount)


async def delete_undelivered(tx: Tx, endpoint_id: UUID) -> None:
    """Delete what was not delivered to a removed endpoint; what was delivered stays on record."""
    await tx.execute(
        delete(deliveries).where(deliveries.c.endpoint_id == endpoint_id, deliveries.c.status != "delivered")
    )


async def purge(tx: Tx, *, before: datetime) -> int:
    """Delete what was delivered before a moment; return how many."""
    delivered = text("status = 'delivered'")  # written out as in the index
    old = select(deliveries.c.id).where(delivered, deliveries.c.delivered_at < before)
    some = old.order_by(deliveries.c.delivered_at).limit(CHUNK)
    return int((await tx.execute(delete(deliveries).where(deliveries.c.id.in_(some)))).rowcount)


async def purge_feed(tx: Tx, *, before: datetime) -> int:
    """Delete events from before a moment of which there is no delivery; return how many."""
    return await feed.purge(tx, before=before, needed=deliveries.c.event_id)


async def _end(tx: Tx, claimed: Claim, values: Mapping[str, Any]) -> bool:
    """End a delivery; what comes after it in its subject is then due."""
    if not await _note(tx, claimed, values):
        return False
    # A statement of its own: it sees what was enqueued while the one before waited for its row.
    await tx.execute(_NEXT, {"endpoint_id": claimed.endpoint_id, "subject": claimed.subject, "now": tx.real_now})
    return True


async def _note(tx: Tx, claimed: Claim, values: Mapping[str, Any]) -> bool:
    mine = (
        (deliveries.c.id == claimed.id)
        & (deliveries.c.lease == claimed.lease.token)
        & (deliveries.c.status == "pending")
    )
    free = {"leased_until": None, "lease": None, "deaths": 0}
    return bool((await tx.execute(update(deliveries).where(mine).values({**free, **values}))).rowcount)


_NEW: Final = ("ids", "endpoints", "events", "positions", "subjects", "behind")
# One that is there already, and may have been delivered, is before no other.
_ENQUEUE: Final = text("""
    INSERT INTO deliveries (id, endpoint_id, event_id, position, subject, status, due_at, planned_at, behind)
    SELECT new.id, new.endpoint_id, new.event_id, new.position, new.subject, 'pending', :due, :now,
           new.behind OR row_number() OVER (PARTITION BY new.endpoint_id, new.subject ORDER BY new.position) > 1
    FROM unnest(CAST(:ids AS uuid[]), CAST(:endpoints AS uuid[]), CAST(:events AS uuid[]),
                CAST(:positions AS bigint[]), CAST(:subjects AS text[]), CAST(:behind AS boolean[]))
         AS new (id, endpoint_id, event_id, position, subject, behind)
    WHERE NOT EXISTS (
        SELECT FROM deliveries d WHERE d.endpoint_id = new.endpoint_id AND d.event_id = new.event_id
    )
    ON CONFLICT DO NOTHING
""")
_LOCK_LAST: Final = text("""
    SELECT last.endpoint_id, last.subject
    FROM unnest(CAST(:endpoints AS uuid[]), CAST(:subjects AS text[])) WITH ORDINALITY AS new (endpoint_id, subject, n)
    CROSS JOIN LATERAL (
        SELECT d.endpoint_id, d.subject FROM deliveries d
        WHERE d.endpoint_id = new.endpoint_id AND d.subject = new.subject AND d.status = 'pending'
        ORDER BY d.position DESC LIMIT 1
        FOR NO KEY UPDATE
    ) last
    ORDER BY new.n
""")
_NEXT: Final = text("""
    UPDATE deliveries SET behind = false, due_at = least(due_at, :now)
    WHERE id = (
        SELECT id FROM deliveries
        WHERE endpoint_id = :endpoint_id AND subject = :subject AND status = 'pending'
        ORDER BY position LIMIT 1
    )
""")
_ALL_DUE: Final = text("""
    UPDATE deliveries d SET due_at = :now
    FROM (
        SELECT id FROM deliveries
        WHERE endpoint_id = :endpoint_id AND status = 'pending' AND NOT behind AND due_at > :now
        ORDER BY subject, position
        FOR NO KEY UPDATE
    ) AS waiting
    WHERE d.id = waiting.id
""")
_RANK: Final = text("""
    UPDATE deliveries d SET behind = ranked.place > 1
    FROM (
        SELECT id, row_number() OVER (PARTITION BY subject ORDER BY position) AS place
        FROM deliveries WHERE endpoint_id = :endpoint_id AND status = 'pending'
    ) AS ranked
    WHERE ranked.id = d.id AND d.behind <> (ranked.place > 1)
""")
_REDELIVER: Final = text("""
    INSERT INTO deliveries (id, endpoint_id, event_id, position, subject, status, attempts, due_at, planned_at)
    SELECT gen_random_uuid(), :endpoint_id, event_id, position, subject, 'pending', 0, :due, :now
    FROM feed
    WHERE position IN (SELECT position FROM feed_owners WHERE owner_id = :owner_id)
      AND (CAST(:event_id AS uuid) IS NULL OR event_id = :event_id)
      AND (CAST(:since AS timestamptz) IS NULL OR recorded_at >= :since)
      AND (CAST(:until AS timestamptz) IS NULL OR recorded_at < :until)
      AND (CAST(:names AS text[]) IS NULL OR event = ANY(CAST(:names AS text[])))
    ORDER BY position
    ON CONFLICT (endpoint_id, event_id) DO UPDATE
    SET status = 'pending', attempts = 0, due_at = excluded.due_at, leased_until = NULL, lease = NULL, deaths = 0,
        reason = NULL
""")
