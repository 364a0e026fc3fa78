"""Which function reacts to which event: one per event type and consumer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from common.envelope import Envelope
from common.messaging.log import Record
from common.persistence.transaction import Tx
from events import CATALOGUE, CompactedEvent, Event, events_topic, state_topics, topics_of
from events.parties import Parties

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Received:
    """An event as it came in; ``event`` None is a tombstone of the state that ``envelope.type`` names."""

    envelope: Envelope
    event: Event | None
    record: Record

    @property
    def parties(self) -> Parties:
        """The parties of the envelope; an event written before envelopes had any gives those that it names itself."""
        if self.envelope.parties is not None or self.event is None:
            return self.envelope.parties or Parties()
        return Parties.named_in(self.event)


Handler = Callable[[Any, Tx], Awaitable[None]]


class Waits(NamedTuple):
    """An event of a run that cannot be handled before a fact has come in; later ones of its key wait behind it."""

    item: Received
    fact: str


BulkHandler = Callable[[Sequence[Received], Tx], Awaitable[Sequence[Waits] | None]]
"""Returns what waits, if anything does: then nothing of the run is kept, and the rest is handed over once more."""
TombstoneHandler = Callable[[str, Tx], Awaitable[None]]


class Handlers:
    """One consumer's reactions. A handler calls use cases; it has no SQL, retry or idempotency code."""

    def __init__(self, consumer: str | None = None) -> None:
        """Name a projection's consumer; a service's main one is named after the service."""
        self.consumer: Final = consumer
        self.single: dict[str, Handler] = {}
        self.tombstone_handlers: dict[str, TombstoneHandler] = {}
        self.bulk_by_type: dict[str, BulkHandler] = {}
        self.every_event: BulkHandler | None = None

    def copy(self) -> Handlers:
        """Return the same reactions, to be added to."""
        twin = Handlers(self.consumer)
        twin.single, twin.tombstone_handlers = dict(self.single), dict(self.tombstone_handlers)
        twin.bulk_by_type, twin.every_event = dict(self.bulk_by_type), self.every_event
        return twin

    def add(self, others: Handlers) -> None:
        """Add the reactions of a slice. Where both react to an event, those that were here run first.

        Raises:
            ValueError: one takes single events and the other runs of them.
        """
        for type_, function in others.single.items():
            if type_ in self.bulk_by_type:
                raise ValueError(f"{type_} is handled one by one and in runs")
            self.single[type_] = _in_turn(self.single[type_], function) if type_ in self.single else function
        # One function for all types that the same two take: neighbours in a batch with the same function are one run.
        both: dict[tuple[BulkHandler, BulkHandler], BulkHandler] = {}
        for type_, bulk in others.bulk_by_type.items():
            if type_ in self.single:
                raise ValueError(f"{type_} is handled one by one and in runs")
            if type_ in self.bulk_by_type:
                pair = self.bulk_by_type[type_], bulk
                bulk = both.setdefault(pair, _bulk_in_turn(*pair))  # noqa: PLW2901 - what is handed over from here on
            self.bulk_by_type[type_] = bulk
        for type_, ended in others.tombstone_handlers.items():
            self.tombstone_handlers[type_] = (
                _in_turn(self.tombstone_handlers[type_], ended) if type_ in self.tombstone_handlers else ended
            )
        if others.every_event is not None:
            every = self.every_event
            self.every_event = _bulk_in_turn(every, others.every_event) if every else others.every_event

    def on(self, event: type[E]) -> Callable[[Callable[[E, Tx], Awaitable[None]]], Callable[[E, Tx], Awaitable[None]]]:
        """React to one event at a time; ``tx.cause`` is its envelope."""

        def register(function: Callable[[E, Tx], Awaitable[None]]) -> Callable[[E, Tx], Awaitable[None]]:
            self._free(event)
            self.single[event.type] = function
            return function

        return register

    def bulk(self, *events: type[Event]) -> Callable[[BulkHandler], BulkHandler]:
        """React to runs of these events at once: for projections that write many rows in one statement."""

        def register(function: BulkHandler) -> BulkHandler:
            for event in events:
                self._free(event)
                self.bulk_by_type[event.type] = function
            return function

        return register

    def on_tombstone(self, state: type[CompactedEvent]) -> Callable[[TombstoneHandler], TombstoneHandler]:
        """React to the tombstone of a state: its key, and nothing else, is known."""

        def register(function: TombstoneHandler) -> TombstoneHandler:
            if state.type in self.tombstone_handlers:
                raise ValueError(f"two reactions to the end of {state.type}")
            self.tombstone_handlers[state.type] = function
            return function

        return register

    def every(self, function: BulkHandler) -> BulkHandler:
        """React to every event of the event topics that has no handler of its own, in runs."""
        if self.every_event is not None:
            raise ValueError("two reactions to every event")
        self.every_event = function
        return function

    def topics(self, services: Sequence[str]) -> tuple[str, ...]:
        """Return the topics to subscribe to; ``services`` are those whose events ``every`` and plumbing want."""
        wanted: set[str] = set()
        for type_ in (*self.single, *self.bulk_by_type, *self.tombstone_handlers):
            wanted |= topics_of(CATALOGUE[type_], services)
        if self.every_event is not None:
            wanted |= {events_topic(service) for service in services}
        return tuple(sorted(wanted))

    def wants(self, type_: str, *, tombstone: bool) -> bool:
        """Whether anything here reacts to it."""
        if tombstone:
            return type_ in self.tombstone_handlers
        if type_ in self.single or type_ in self.bulk_by_type:
            return True
        event = CATALOGUE.get(type_)
        return self.every_event is not None and not (event is not None and issubclass(event, CompactedEvent))

    def follows(self, topic: str) -> bool:
        """Whether an event on this topic matters here even where its name is not known."""
        return self.every_event is not None and topic not in state_topics()

    def bulk_for(self, type_: str) -> BulkHandler | None:
        """Return the function that takes runs of this type, if one does."""
        return self.bulk_by_type.get(type_) or (None if type_ in self.single else self.every_event)

    def _free(self, event: type[Event]) -> None:
        if event.type in self.single or event.type in self.bulk_by_type:
            raise ValueError(f"two reactions to {event.type}")


def _in_turn(first: Handler, second: Handler) -> Handler:
    async def both(subject: Any, tx: Tx) -> None:
        await first(subject, tx)
        await second(subject, tx)

    return both


def _bulk_in_turn(first: BulkHandler, second: BulkHandler) -> BulkHandler:
    async def both(received: Sequence[Received], tx: Tx) -> Sequence[Waits] | None:
        # What waits ends the run: nothing of it is kept, so the second one would work in vain.
        return await first(received, tx) or await second(received, tx) or None

    return both
