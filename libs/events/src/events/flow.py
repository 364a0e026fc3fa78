"""Events of every service about its own event flow, and the orders of an operator."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from events import EACH_SERVICE, PREFIX, Event, published_by

published_by(__name__, EACH_SERVICE)


class EventParked(Event):
    """A consumer could not handle an event: it is kept, and later events of the same key wait behind it."""

    type: ClassVar[str] = f"{PREFIX}flow.parked.v1"
    dutch: ClassVar[str] = "Een gebeurtenis kon niet worden verwerkt en staat geparkeerd; latere wachten erachter."
    about: ClassVar[str] = "flow_key"
    flow_key: str
    """``consumer/topic/parked key``."""
    consumer: str
    topic: str
    parked_key: str
    partition: int
    offset: int
    event_id: str | None
    event_type: str | None
    case_id: str | None
    why: Literal["waiting", "failed", "unreadable", "newer"]
    reason: str
    """The error's class and place; never its values."""
    attempts: int
    waiting: int
    """How many events of the key are parked by now, this one included."""


class EventsRedriven(Event):
    """Parked events of one key were handled after all, in order."""

    type: ClassVar[str] = f"{PREFIX}flow.redriven.v1"
    dutch: ClassVar[str] = "Geparkeerde gebeurtenissen van één sleutel zijn alsnog verwerkt, op volgorde."
    about: ClassVar[str] = "flow_key"
    flow_key: str
    consumer: str
    topic: str
    parked_key: str
    handled: int
    left: int


class EventDiscarded(Event):
    """An operator let a consumer pass over one parked event; who and why stand in the order."""

    type: ClassVar[str] = f"{PREFIX}flow.discarded.v1"
    dutch: ClassVar[str] = "Een geparkeerde gebeurtenis is op last van een beheerder overgeslagen."
    about: ClassVar[str] = "flow_key"
    flow_key: str
    consumer: str
    topic: str
    parked_key: str
    event_id: str | None
    order_id: UUID


class RedriveOrdered(Event):
    """An operator asks the consumer that parked a key's events to try them again, in order."""

    type: ClassVar[str] = f"{PREFIX}flow.redrive-ordered.v1"
    dutch: ClassVar[str] = "Een beheerder vraagt om geparkeerde gebeurtenissen opnieuw te verwerken."
    about: ClassVar[str] = "flow_key"
    publishers: ClassVar[tuple[str, ...]] = ("operations",)
    flow_key: str
    order_id: UUID
    service: str
    consumer: str
    topic: str
    parked_key: str


class DiscardOrdered(Event):
    """An operator asks a consumer to pass over the first parked event of a key."""

    type: ClassVar[str] = f"{PREFIX}flow.discard-ordered.v1"
    dutch: ClassVar[str] = "Een beheerder vraagt om één geparkeerde gebeurtenis over te slaan."
    about: ClassVar[str] = "flow_key"
    publishers: ClassVar[tuple[str, ...]] = ("operations",)
    flow_key: str
    order_id: UUID
    service: str
    consumer: str
    topic: str
    parked_key: str
    event_id: str | None
    reason: str


class ClockMoved(Event):
    """Business time was moved, for a test or a demonstration; every service follows."""

    type: ClassVar[str] = f"{PREFIX}clock.moved.v1"
    dutch: ClassVar[str] = "De klok van het programma is verzet, voor een test of demonstratie."
    about: ClassVar[str] = "clock"
    publishers: ClassVar[tuple[str, ...]] = ("operations",)
    clock: Literal["programme"] = "programme"
    offset_seconds: int
    """Business time minus real time."""
    moved_at: datetime
