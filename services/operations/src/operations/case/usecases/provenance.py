"""Where an event comes from: which service, and which case it belongs to."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.messaging.consumer import Received
from events.flow import ClockMoved, DiscardOrdered, RedriveOrdered

_OWN: Final = (RedriveOrdered, DiscardOrdered, ClockMoved)


def service_of(item: Received) -> str:
    """Return the name of the service that published it."""
    return item.envelope.source.rpartition("hto-")[2]


def case_of(item: Received) -> UUID | None:
    """Return the case that it is a step in; None for what is in none."""
    if isinstance(item.event, _OWN):
        return None
    try:
        return UUID(item.envelope.case or "")
    except ValueError:
        return None
