"""Events about what a queue or a consumer gave up: the same of both, so that operators see one list."""

from __future__ import annotations

from uuid import UUID

from common.persistence.transaction import Tx
from events import Event
from events.flow import EventDiscarded, EventParked, EventsRedriven


def flow_key_of(queue: str, topic: str, key: UUID | str) -> str:
    """Identify a parked row or key over all services; the ``topic`` of a row is what kind it is."""
    return f"{queue}/{topic}/{key}"


def publish_parked(tx: Tx, queue: str, topic: str, key: UUID, *, case: str | None, reason: str, attempts: int) -> None:
    """Announce that a row waits for an order."""
    parked = EventParked(
        flow_key=flow_key_of(queue, topic, key),
        consumer=queue,
        topic=topic,
        parked_key=str(key),
        partition=0,
        offset=0,
        event_id=None,
        event_type=None,
        case_id=case,
        why="failed",
        reason=reason,
        attempts=attempts,
        waiting=1,
    )
    tx.publish(parked, case=case)


def publish_redriven(
    tx: Tx, queue: str, topic: str, key: UUID | str, *, case: str | None, handled: int = 1, left: int = 0
) -> None:
    """Announce that it waits no longer, or less of it."""
    flow_key = flow_key_of(queue, topic, key)
    redriven = EventsRedriven(
        flow_key=flow_key, consumer=queue, topic=topic, parked_key=str(key), handled=handled, left=left
    )
    publish_at_present(tx, redriven, case)


def publish_discarded(
    tx: Tx, queue: str, topic: str, key: UUID | str, *, case: str | None, order_id: UUID, event_id: str | None = None
) -> None:
    """Announce that it was given up on an operator's order."""
    discarded = EventDiscarded(
        flow_key=flow_key_of(queue, topic, key),
        consumer=queue,
        topic=topic,
        parked_key=str(key),
        event_id=event_id,
        order_id=order_id,
    )
    publish_at_present(tx, discarded, case)


def publish_at_present(tx: Tx, event: Event, case: str | None) -> None:
    """Announce it with the moment at which it is done: the event that it is about may be much older."""
    with tx.at_present():
        tx.publish(event, case=case)
