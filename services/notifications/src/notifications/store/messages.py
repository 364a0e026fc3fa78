"""Messages, and the queue of those that are to go out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from common.store import Store
from common.transaction import Tx
from notifications.model.message import Message, Status
from notifications.store.tables import messages, outgoing

store: Final = Store(Message, messages)

LEASE: Final = 90
"""Seconds of real time; after a crash another worker sends the message then, under the same Message-ID."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker, and no other, tries to send now."""

    message_id: UUID
    attempts: int


async def plan(tx: Tx, planned: Sequence[Message]) -> int:
    """Write messages that are not there yet and put them on the queue; return how many were new."""
    if not planned:
        return 0
    rows = insert(messages).on_conflict_do_nothing().returning(messages.c.id)
    new = list((await tx.execute(rows, [store.dump(message) for message in planned])).scalars())
    if new:
        await tx.execute(insert(outgoing), [{"message_id": id_, "due_at": tx.now} for id_ in sorted(new)])
    return len(new)


async def claim(tx: Tx, batch: int) -> list[Claim]:
    """Take messages that are due, the oldest first; nobody else takes them before the lease ends."""
    rows = await tx.execute(_CLAIM, {"now": tx.now, "lease": LEASE, "batch": batch})
    return [Claim(row.message_id, row.attempts) for row in rows]


async def finish(tx: Tx, claimed: Claim) -> bool:
    """Take a message off the queue; False where the lease was overtaken or the message was dropped meanwhile."""
    # The letter before its place on the queue, as whoever drops it: else each may wait for the other.
    await _planned(tx, messages.c.id == claimed.message_id)
    mine = (outgoing.c.message_id == claimed.message_id) & (outgoing.c.attempts == claimed.attempts)
    return bool((await tx.execute(delete(outgoing).where(mine))).rowcount)


async def postpone(tx: Tx, claimed: Claim, due_at: datetime, reason: str) -> None:
    """Put a message back on the queue."""
    mine = (outgoing.c.message_id == claimed.message_id) & (outgoing.c.attempts == claimed.attempts)
    await tx.execute(update(outgoing).where(mine).values(due_at=due_at, leased_until=None, reason=reason))


async def hurry(tx: Tx, recipient_id: UUID) -> None:
    """Try at once what waits for a recipient's address."""
    theirs = [message.id for message in await planned_for(tx, recipient_id)]
    waiting = outgoing.c.message_id.in_(theirs) & (outgoing.c.reason == NO_ADDRESS)
    await tx.execute(update(outgoing).where(waiting).values(due_at=tx.now))


async def of(tx: Tx, ids: Sequence[UUID]) -> list[Message]:
    """Return those that are still there."""
    return await store.where(tx, messages.c.id.in_(ids))


async def planned_about(tx: Tx, about: Collection[UUID], templates: Collection[str]) -> list[Message]:
    """Return what has not gone out about these things, and lock it."""
    return await _planned(tx, messages.c.about.in_(sorted(about)) & messages.c.template.in_(sorted(templates)))


async def planned_for(tx: Tx, recipient_id: UUID) -> list[Message]:
    """Return what has not gone out to somebody, and lock it."""
    return await _planned(tx, messages.c.recipient_id == recipient_id)


async def unqueue(tx: Tx, ids: Sequence[UUID]) -> None:
    """Take messages off the queue."""
    await tx.execute(delete(outgoing).where(outgoing.c.message_id.in_(ids)))


async def waiting(tx: Tx) -> tuple[int, float]:
    """Return how many messages are to go out, and how many seconds the oldest has waited."""
    columns = func.count().label("number"), func.min(messages.c.planned_at).label("since")
    row = (await tx.execute(select(*columns).where(messages.c.status == Status.PLANNED))).one()
    return int(row.number), (tx.now - row.since).total_seconds() if row.since else 0.0


async def tidy(tx: Tx, *, content_before: datetime, all_before: datetime) -> int:
    """Forget what messages said, and later that they were sent; return how many rows changed."""
    old = update(messages).where(messages.c.ended_at < content_before, messages.c.facts != {})
    emptied = await tx.execute(old.values(facts={}))
    gone = await tx.execute(delete(messages).where(messages.c.ended_at < all_before))
    return int(emptied.rowcount + gone.rowcount)


async def _planned(tx: Tx, condition: ColumnElement[bool]) -> list[Message]:
    query = (
        select(messages).where(messages.c.status == Status.PLANNED, condition).order_by(messages.c.id).with_for_update()
    )
    return [store.load(row) for row in (await tx.execute(query)).mappings()]


NO_ADDRESS: Final = "no address"

_CLAIM: Final = text("""
    UPDATE outgoing SET attempts = attempts + 1,
                        leased_until = clock_timestamp() + make_interval(secs => :lease)
    WHERE message_id IN (
        SELECT message_id FROM outgoing
        WHERE due_at <= :now AND (leased_until IS NULL OR leased_until < clock_timestamp())
        ORDER BY due_at LIMIT :batch
        FOR UPDATE SKIP LOCKED
    )
    RETURNING message_id, attempts
""")
