"""Messages, and the queue of those that are to go out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from common.persistence.lease import Claim, LeasedRows
from common.persistence.store import Store
from common.persistence.terms import CHUNK
from common.persistence.transaction import Tx
from notifications.message.model.message import Message, Status
from notifications.message.model.schedule import first_mail
from notifications.message.tables import messages, outgoing

store: Final = Store(Message, messages)

QUEUE: Final = "notifications.letters"


async def plan(tx: Tx, planned: Sequence[Message]) -> int:
    """Write messages that are not there yet and put them on the queue; return how many were new."""
    if not planned:
        return 0
    unless_there = insert(messages).on_conflict_do_nothing().returning(messages.c.id)
    new = set((await tx.execute(unless_there, [store.dump(message) for message in planned])).scalars())
    if new:
        due = {each.id: first_mail(each.template, tx.real_now) for each in planned if each.id in new}
        await tx.execute(insert(outgoing), [{"message_id": id_, "due_at": due[id_]} for id_ in sorted(due)])
        tx.woken.add(QUEUE)
    return len(new)


async def finish(tx: Tx, claimed: Claim) -> bool:
    """Take a message off the queue; False where the lease was overtaken or the message was dropped meanwhile."""
    # The letter before its place on the queue, in the order of a drop: else each may wait for the other.
    await _planned(tx, messages.c.id == claimed.id)
    return bool((await tx.execute(delete(outgoing).where(_held(claimed)))).rowcount)


async def postpone(tx: Tx, claimed: Claim, due_at: datetime, reason: str) -> None:
    """Put a message back on the queue."""
    back = {"due_at": due_at, "leased_until": None, "lease": None, "deaths": 0, "reason": reason}
    await tx.execute(update(outgoing).where(_held(claimed)).values(back))


async def park(tx: Tx, claimed: Claim, reason: str) -> bool:
    """Park a message until an operator orders another try; False where the lease was overtaken."""
    aside = {"parked": True, "leased_until": None, "lease": None, "deaths": 0, "reason": reason}
    return bool((await tx.execute(update(outgoing).where(_held(claimed)).values(aside))).rowcount)


async def unpark(tx: Tx, message_id: UUID) -> bool:
    """Try a parked message again; return whether there was one."""
    parked = (outgoing.c.message_id == message_id) & outgoing.c.parked
    tx.woken.add(QUEUE)
    again = update(outgoing).where(parked).values(parked=False, attempts=0, due_at=tx.real_now, reason=None)
    return bool((await tx.execute(again)).rowcount)


async def expedite(tx: Tx, recipient_id: UUID) -> None:
    """Try at once what waits for a recipient's address."""
    theirs = [message.id for message in await planned_for(tx, recipient_id)]
    if not theirs:
        return
    waiting = outgoing.c.message_id.in_(theirs) & (outgoing.c.reason == NO_ADDRESS)
    await tx.execute(update(outgoing).where(waiting).values(due_at=tx.real_now))
    tx.woken.add(QUEUE)


async def of(tx: Tx, ids: Sequence[UUID]) -> list[Message]:
    """Return those that are still there."""
    return await store.where(tx, messages.c.id.in_(ids))


async def planned_about(tx: Tx, about: Collection[UUID], templates: Collection[str]) -> list[Message]:
    """Return what has not gone out about these things, and lock it."""
    return await _planned(tx, messages.c.about.in_(sorted(about)) & messages.c.template.in_(sorted(templates)))


async def dropped_about(tx: Tx, about: UUID, template: str, since: datetime) -> list[Message]:
    """Return each recipient's latest letter of a kind about a thing, if it was dropped and is since a moment."""
    later = messages.alias("later")
    same = [later.c[name] == messages.c[name] for name in ("recipient_id", "about", "template")]
    order = [tuple_(table.c.planned_at, table.c.id) for table in (later, messages)]
    dropped = (messages.c.status == Status.OBSOLETE, messages.c.planned_at >= since)
    kind = (messages.c.about == about, messages.c.template == template)
    return await store.where(tx, *dropped, *kind, ~exists().where(*same, order[0] > order[1]))


async def has_gone_to(tx: Tx, recipients: Collection[UUID], template: str, about: UUID) -> bool:
    """Return whether one of these has a letter of this kind about this thing, sent or planned."""
    theirs = messages.c.recipient_id.in_(sorted(recipients))
    same = (messages.c.template == template) & (messages.c.about == about) & (messages.c.status != Status.OBSOLETE)
    return bool((await tx.execute(select(exists().where(theirs, same)))).scalar())


async def planned_for(tx: Tx, recipient_id: UUID) -> list[Message]:
    """Return what has not gone out to a recipient, and lock it."""
    return await _planned(tx, messages.c.recipient_id == recipient_id)


async def unqueue(tx: Tx, ids: Sequence[UUID]) -> None:
    """Take messages off the queue."""
    await tx.execute(delete(outgoing).where(outgoing.c.message_id.in_(ids)))


async def waiting(tx: Tx) -> tuple[int, float, int]:
    """Return how many messages are to go out, how many seconds the oldest has waited, and how many are parked."""
    columns = (
        func.count().label("number"),
        func.min(messages.c.planned_at).label("since"),
        func.count().filter(outgoing.c.parked).label("parked"),
    )
    queued = select(*columns).select_from(outgoing.join(messages, messages.c.id == outgoing.c.message_id))
    row = (await tx.execute(queued)).one()
    return int(row.number), (tx.now - row.since).total_seconds() if row.since else 0.0, int(row.parked)


async def purge(tx: Tx, *, content_before: datetime, all_before: datetime) -> int:
    """Empty messages that ended before a moment, and delete those from before another; return how many rows changed."""
    says = text("facts <> '{}'")  # written out as in the index
    speaking = select(messages.c.id).where(messages.c.ended_at < content_before, says).order_by(messages.c.ended_at)
    emptied = await tx.execute(update(messages).where(messages.c.id.in_(speaking.limit(CHUNK))).values(facts={}))
    past = select(messages.c.id).where(messages.c.ended_at < all_before).order_by(messages.c.ended_at)
    gone = await tx.execute(delete(messages).where(messages.c.id.in_(past.limit(CHUNK))))
    return int(emptied.rowcount + gone.rowcount)


async def _planned(tx: Tx, condition: ColumnElement[bool]) -> list[Message]:
    query = (
        select(messages).where(messages.c.status == Status.PLANNED, condition).order_by(messages.c.id).with_for_update()
    )
    return [store.load(row) for row in (await tx.execute(query)).mappings()]


def _held(claimed: Claim) -> ColumnElement[bool]:
    return (outgoing.c.message_id == claimed.id) & (outgoing.c.lease == claimed.lease.token)


NO_ADDRESS: Final = "no address"

rows: Final = LeasedRows("outgoing", key="message_id", claimable="NOT parked")
