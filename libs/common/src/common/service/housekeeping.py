"""Duties of every service: it follows the policies and the clock, and carries out an operator's orders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from common.errors import StaleVersion
from common.messaging.consumer import Handlers, parking
from common.persistence.deadlines import discard as discard_deadline
from common.persistence.transaction import Tx
from events.flow import ClockMoved, DiscardOrdered, RedriveOrdered
from events.policies import PolicyPublished

CLOCK_CHANNEL: Final = "clock"
"""Where a service's processes listen for its business time to move."""


TryAgain = Callable[[Tx, str, UUID], Awaitable[object]]
"""Gives a parked row of a queue with a lease a new start."""
_NONE: Final[Mapping[str, TryAgain]] = {}


def add_housekeeping(
    handlers: Handlers,
    service: str,
    *,
    follow_policies: bool,
    follow_clock: bool,
    queues: Mapping[str, TryAgain] = _NONE,
) -> None:
    """Add the reactions that every service shares to its own ones; ``queues`` are those whose rows can be parked."""

    @handlers.on(RedriveOrdered)
    async def redrive(order: RedriveOrdered, tx: Tx) -> None:
        if order.service == service:
            await redrive_by_order(order, tx, queues)

    @handlers.on(DiscardOrdered)
    async def discard(order: DiscardOrdered, tx: Tx) -> None:
        if order.service == service:
            await discard_by_order(order, tx, queues)

    if follow_policies:
        policies = Handlers()

        @policies.on(PolicyPublished)
        async def follow_policy(policy: PolicyPublished, tx: Tx) -> None:
            await keep_policy(tx, policy)

        handlers.add(policies)  # a service may have a reaction of its own as well

    if follow_clock:

        @handlers.on(ClockMoved)
        async def follow_the_clock(moved: ClockMoved, tx: Tx) -> None:
            await set_clock(tx, moved.offset_seconds)


async def redrive_by_order(order: RedriveOrdered, tx: Tx, queues: Mapping[str, TryAgain] = _NONE) -> None:
    """Try parked events again, or a parked row of a queue."""
    if order.consumer in queues:
        await queues[order.consumer](tx, order.topic, UUID(order.parked_key))
    else:
        await parking.order_redrive(tx, order.consumer, order.topic, order.parked_key)


async def discard_by_order(order: DiscardOrdered, tx: Tx, queues: Mapping[str, TryAgain] = _NONE) -> None:
    """Pass over a parked event or a deadline; what another queue owes to somebody is tried again instead."""
    if order.consumer == f"{order.service}.deadlines":
        await discard_deadline(tx, order.topic, UUID(order.parked_key), order.order_id)
        return
    if order.consumer in queues:
        await queues[order.consumer](tx, order.topic, UUID(order.parked_key))
        return
    if not await parking.is_parked(tx, order.consumer, order.topic, order.parked_key):
        return
    found = await parking.next_parked(tx, order.consumer, order.topic, order.parked_key)
    if found is None:
        raise StaleVersion("the key is being redriven at this moment")
    position, record = found
    if record.value is None:
        # To pass over a tombstone would leave the copy that it takes back: it can only be tried again.
        await parking.order_redrive(tx, order.consumer, order.topic, order.parked_key)
    elif record.headers.get("ce_id") == order.event_id:
        await parking.discard(tx, order.consumer, record, position, order.order_id)


async def keep_policy(tx: Tx, policy: PolicyPublished) -> None:
    """Keep a policy row; an older set's row of the same period stays, so that its decisions can be repeated."""
    table = tx.database.metadata.tables["policies"]
    row = {
        "code": policy.code,
        "valid_from": policy.valid_from,
        "version": policy.set_version,
        "rows_in_set": policy.rows_in_set,
        "valid_until": policy.valid_until,
        "value": policy.value,
        "source": policy.source,
        "verified": policy.verified,
    }
    await tx.execute(insert(table).values(row).on_conflict_do_nothing())
    tx.database.policies_changed()


async def set_clock(tx: Tx, offset_seconds: int) -> None:
    """Set this service's business clock; its processes hear of it at the commit."""
    table = tx.database.metadata.tables["clock"]
    row = insert(table).values(only=True, offset_seconds=offset_seconds)
    await tx.execute(row.on_conflict_do_update(index_elements=["only"], set_={"offset_seconds": offset_seconds}))
    await tx.execute(select(func.pg_notify(CLOCK_CHANNEL, "")))
