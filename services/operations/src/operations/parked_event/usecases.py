"""Keys whose events wait: what consumers publish of them, and what an operator orders."""

from __future__ import annotations

from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from common.errors import Conflict, NotFound
from common.messaging.consumer import Received
from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx, uuid7
from events.flow import DiscardOrdered, EventDiscarded, EventParked, EventsRedriven, RedriveOrdered
from operations.case.usecases.provenance import service_of
from operations.parked_event import store

BATCH: Final = 200
PARKED_TERM: Final = "retention.parked_history"


class NotParked(Conflict):
    """A parked event that is {state} cannot be ordered again."""


async def order_redrive(tx: Tx, parked_id: UUID) -> Any:
    """Ask the service that parked a key to try its events again, in order."""
    row = await _parked(tx, parked_id)
    order = RedriveOrdered(
        flow_key=row.flow_key,
        order_id=uuid7(),
        service=row.service,
        consumer=row.consumer,
        topic=row.topic,
        parked_key=row.parked_key,
    )
    await store.change_parked(tx, row.flow_key, state="ordered", changed_at=tx.now)
    tx.publish(order, case=row.case_id)
    return await store.get_parked(tx, parked_id)


async def order_discard(tx: Tx, parked_id: UUID, reason: str) -> Any:
    """Ask the service that parked a key to pass over its first event; the reason is kept for ever."""
    row = await _parked(tx, parked_id)
    order = DiscardOrdered(
        flow_key=row.flow_key,
        order_id=uuid7(),
        service=row.service,
        consumer=row.consumer,
        topic=row.topic,
        parked_key=row.parked_key,
        event_id=row.event_id,
        reason=reason,
    )
    await store.change_parked(tx, row.flow_key, state="ordered", changed_at=tx.now)
    tx.publish(order, case=row.case_id, reason=reason)
    return await store.get_parked(tx, parked_id)


async def _parked(tx: Tx, parked_id: UUID) -> Any:
    row = await store.get_parked(tx, parked_id)
    if row is None:
        raise NotFound(what="parked event", id=parked_id)
    if row.state == "solved":
        raise NotParked(state=row.state)
    return row


async def follow_parking(tx: Tx, item: Received) -> None:
    """Keep what a consumer published of a key that is parked."""
    event, at = item.event, item.record.timestamp
    match event:
        case EventParked():
            await store.put_parked(
                tx,
                {
                    **event.model_dump(
                        mode="python",
                        by_alias=False,
                        include={"flow_key", "consumer", "topic", "parked_key", "event_id", "event_type", "case_id"}
                        | {"why", "reason", "attempts", "waiting"},
                    ),
                    "id": uuid5(NAMESPACE_URL, event.flow_key),
                    "service": service_of(item),
                    "state": "parked",
                    "since": at,
                    "changed_at": at,
                },
            )
        case EventsRedriven():
            state = {"state": "solved"} if event.left == 0 else {}
            await store.change_parked(tx, event.flow_key, waiting=event.left, changed_at=at, **state)
        case EventDiscarded():
            await store.decrement_parked(tx, event.flow_key, at)
        case _:
            return


async def purge_parked(tx: Tx) -> int:
    """Remove a batch of parked keys that were solved long ago; return how many.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, PARKED_TERM, "daysAfterSolved")
    return 0 if before is None else await store.purge_solved(tx, before, at_most=BATCH)


PURGE: Final = Purge(table="parked", policy=PARKED_TERM, forget=purge_parked)
