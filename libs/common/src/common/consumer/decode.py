"""From a record to an event: what is readable, what is not ours, and what must be kept aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from common.consumer.handlers import Handlers, Received
from common.envelope import Envelope
from common.log import Record
from events import BadEvent, UnknownVersion, modernise


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that this consumer cannot read (now); it is parked, so that nothing is dropped."""

    record: Record
    why: Literal["unreadable", "newer"]
    reason: str
    envelope: Envelope | None


def decode(record: Record, handlers: Handlers) -> Received | Unreadable | None:
    """Read a record; None is one that nobody here reacts to: an unknown name, or a type without a handler."""
    try:
        envelope = Envelope.from_headers(record.headers)
    except (KeyError, ValueError) as error:
        reason = f"headers: {type(error).__name__} {error}" if isinstance(error, KeyError) else "headers: a bad value"
        return Unreadable(record, "unreadable", reason, None)
    if record.value is None:
        return Received(envelope, None, record) if handlers.wants(envelope.type, tombstone=True) else None
    try:
        event = modernise(envelope.type, record.value)
    except UnknownVersion as error:
        return Unreadable(record, "newer", str(error), envelope)
    except BadEvent as error:
        return Unreadable(record, "unreadable", f"payload: {error}", envelope)
    if event is None or not handlers.wants(event.type, tombstone=False):
        return None
    return Received(envelope, event, record)
