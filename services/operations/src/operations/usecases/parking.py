"""Keys whose events wait: what consumers tell of them, and what an operator orders."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from common.errors import Conflict, NotFound
from common.messaging.consumer import Received
from common.persistence.transaction import Tx, uuid7
from events.flow import DiscardOrdered, EventDiscarded, EventParked, EventsRedriven, RedriveOrdered
from operations.store import parking
from operations.usecases.provenance import service_of


class NotParked(Conflict):
    """What is {state} cannot be ordered again."""


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
    await parking.change_parked(tx, row.flow_key, state="ordered", changed_at=tx.now)
    tx.publish(order, case=row.case_id)
    return await parking.get_parked(tx, parked_id)


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
    await parking.change_parked(tx, row.flow_key, state="ordered", changed_at=tx.now)
    tx.publish(order, case=row.case_id, reason=reason)
    return await parking.get_parked(tx, parked_id)


async def _parked(tx: Tx, parked_id: UUID) -> Any:
    row = await parking.get_parked(tx, parked_id)
    if row is None:
        raise NotFound(what="parked event", id=parked_id)
    if row.state == "solved":
        raise NotParked(state=row.state)
    return row


async def follow_parking(tx: Tx, item: Received) -> None:
    """Keep what a consumer tells of a key that is parked."""
    event, at = item.event, item.record.timestamp
    match event:
        case EventParked():
            await parking.put_parked(
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
            await parking.change_parked(tx, event.flow_key, waiting=event.left, changed_at=at, **state)
        case EventDiscarded():
            await parking.one_less_parked(tx, event.flow_key, at)
        case _:
            return
