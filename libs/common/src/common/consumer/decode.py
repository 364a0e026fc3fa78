"""From a record to an event: what is readable, what is not ours, and what must be kept aside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from common.consumer.handlers import Handlers, Received
from common.envelope import Envelope
from common.log import Record
from events import BadEvent, UnknownVersion, known_as, modernise


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


def _tellable(reason: str) -> str:
    """Names of fields in it are the sender's: it must fit PostgreSQL, and the announcement must fit the log."""
    return reason.replace(_NUL, "\N{REPLACEMENT CHARACTER}")[:_LONGEST]


def _storable(record: Record) -> Record:
    headers = {name: value.replace(_NUL, "\N{REPLACEMENT CHARACTER}") for name, value in record.headers.items()}
    return replace(record, key=record.key.replace(_NUL, "\N{REPLACEMENT CHARACTER}"), headers=headers)


def decode(record: Record, handlers: Handlers) -> Received | Unreadable | None:
    """Read a record; None is one that nobody here reacts to: an unknown name, or a type without a handler."""
    if _NUL in record.key or _NUL in "".join(record.headers.values()):
        return Unreadable(_storable(record), "unreadable", "headers: a character that PostgreSQL cannot keep", None)
    try:
        envelope = Envelope.from_headers(record.headers)
    except (KeyError, ValueError) as error:
        reason = f"headers: {type(error).__name__} {error}" if isinstance(error, KeyError) else "headers: a bad value"
        return Unreadable(record, "unreadable", reason, None)
    if record.value is None:
        return Received(envelope, None, record) if handlers.wants(envelope.type, tombstone=True) else None
    return _decode_payload(envelope, record, record.value, handlers)


def _decode_payload(
    envelope: Envelope, record: Record, payload: bytes, handlers: Handlers
) -> Received | Unreadable | None:
    today = known_as(envelope.type)
    if today is None or not handlers.wants(today.type, tombstone=False):
        return None  # before it is read: what nobody here reacts to stops no key, however new or broken it is
    try:
        event = modernise(envelope.type, payload)
    except UnknownVersion as error:
        return Unreadable(record, "newer", str(error), envelope)
    except BadEvent as error:
        return Unreadable(record, "unreadable", f"payload: {_tellable(str(error))}", envelope)
    return None if event is None else Received(envelope, event, record)
