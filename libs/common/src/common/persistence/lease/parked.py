"""Events about a row that a queue gave up: the same as a consumer's, so that operators see one list."""

from __future__ import annotations

from uuid import UUID

from common.persistence.transaction import Tx
from events.flow import EventDiscarded, EventParked, EventsRedriven


def flow_key_of(queue: str, topic: str, key: UUID) -> str:
    """Identify a parked row over all services; ``topic`` is what kind of row it is."""
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


def publish_redriven(tx: Tx, queue: str, topic: str, key: UUID, *, case: str | None) -> None:
    """Announce that it waits no longer."""
    redriven = EventsRedriven(
        flow_key=flow_key_of(queue, topic, key), consumer=queue, topic=topic, parked_key=str(key), handled=1, left=0
    )
    tx.publish(redriven, case=case)


def publish_discarded(tx: Tx, queue: str, topic: str, key: UUID, *, case: str | None, order_id: UUID) -> None:
    """Announce that it was given up on an operator's order."""
    discarded = EventDiscarded(
        flow_key=flow_key_of(queue, topic, key),
        consumer=queue,
        topic=topic,
        parked_key=str(key),
        event_id=None,
        order_id=order_id,
    )
    tx.publish(discarded, case=case)
