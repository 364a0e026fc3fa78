"""From a record to an event: what is readable, what is not ours, and what must be kept aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from common.envelope import Envelope
from common.messaging.consumer.handlers import Handlers, Received
from common.messaging.log import ILLEGIBLE, LARGEST, Record
from events import (
    BadEvent,
    Event,
    NotItsPublisher,
    TypeName,
    UnknownVersion,
    events_topic,
    known_as,
    modernise,
    topic_from,
)

ServiceOf = Callable[[str], str | None]
"""Reads the service in an event's ``source``; None where it is no service of this programme."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that this consumer cannot read (now); it is parked, so that nothing is dropped."""

    record: Record
    why: Literal["unreadable", "newer"]
    reason: str
    envelope: Envelope | None


_NUL: Final = "\0"
_LONGEST: Final = 1000
"""Characters of a reason."""


def _loggable(reason: str) -> str:
    """Names of fields in it are the sender's: it must fit PostgreSQL, and the announcement must fit the log."""
    return reason.replace(_NUL, "\N{REPLACEMENT CHARACTER}")[:_LONGEST]


def _storable(record: Record) -> Record:
    def kept(text: str) -> str:
        return text.replace(_NUL, "\N{REPLACEMENT CHARACTER}")

    headers = {kept(name): kept(value) for name, value in record.headers.items()}
    return replace(record, key=kept(record.key), headers=headers)


def any_programme(source: str) -> str | None:
    """Read the service in a ``source`` of whatever programme; for readers that are no service."""
    return source.rpartition(":systeem:hto-")[2] or None


def decode(record: Record, handlers: Handlers, service_of: ServiceOf = any_programme) -> Received | Unreadable | None:
    """Read a record; None is one that nothing here reacts to: an unknown name, or a type without a handler.

    Where every event is followed, an unknown name of ours is newer than this code: it waits for the upgrade. What is
    reacted to must come from the service that publishes it on this topic; ``service_of`` reads its ``source``.
    """
    spoilt = _spoilt(record)
    if spoilt is not None:
        return spoilt
    try:
        envelope = Envelope.from_headers(record.headers)
    except (KeyError, ValueError) as error:
        reason = f"headers: {type(error).__name__} {error}" if isinstance(error, KeyError) else "headers: a bad value"
        return Unreadable(record, "unreadable", reason, None)
    # Before it is read: what nothing here reacts to stops no key, however new, foreign or broken it is.
    event = known_as(envelope.type)
    if not _matters(envelope, event, record, handlers):
        return None
    foreign = _foreign(envelope, event, record.topic, service_of)
    if foreign is not None:
        return Unreadable(record, "unreadable", _loggable(foreign), envelope)
    if event is None:
        return Unreadable(record, "newer", _loggable(str(UnknownVersion(envelope.type))), envelope)
    return Received(envelope, None, record) if record.value is None else _payload_of(envelope, record, record.value)


def _spoilt(record: Record) -> Unreadable | None:
    if ILLEGIBLE in record.headers:
        return Unreadable(record, "unreadable", _loggable(f"record: {record.headers[ILLEGIBLE]}"), None)
    if _NUL in record.key or _NUL in "".join((*record.headers, *record.headers.values())):
        return Unreadable(_storable(record), "unreadable", "headers: a character that PostgreSQL cannot keep", None)
    return None


def _matters(envelope: Envelope, event: type[Event] | None, record: Record, handlers: Handlers) -> bool:
    if event is None:
        return handlers.follows(record.topic) and TypeName.parse(envelope.type) is not None
    return handlers.wants(event.type, tombstone=record.value is None)


def _foreign(envelope: Envelope, event: type[Event] | None, topic: str, service_of: ServiceOf) -> str | None:
    """Return why an event is not what the owner of its topic publishes; None where it is."""
    service = service_of(envelope.source)
    if service is None:
        return f"source: {envelope.source} is no service of this programme"
    try:
        owned = events_topic(service) if event is None else topic_from(service, event)
    except NotItsPublisher as error:
        return f"source: {error}"
    return None if owned == topic else f"source: {envelope.source} does not publish this on {topic}"


def _payload_of(envelope: Envelope, record: Record, payload: bytes) -> Received | Unreadable | None:
    if len(payload) > LARGEST:  # no log of ours takes that: what it would cost to read it has no bound
        return Unreadable(record, "unreadable", f"payload: more than {LARGEST} bytes", envelope)
    try:
        event = modernise(envelope.type, payload)
    except UnknownVersion as error:
        return Unreadable(record, "newer", str(error), envelope)
    except BadEvent as error:
        return Unreadable(record, "unreadable", f"payload: {_loggable(str(error))}", envelope)
    return None if event is None else Received(envelope, event, record)
