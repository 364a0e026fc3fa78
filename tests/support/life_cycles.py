"""How one aggregate is brought into each of its states: what the test of all life cycles needs beside the table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from common.errors import DomainError
from common.lifecycle import Living
from events import Event

A = TypeVar("A", bound=Living)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways(Generic[A]):
    """An example in every state, and every way into a state: ``WAYS`` of a module below ``tests/unit/<service>``."""

    at: Callable[[Any], A]
    into: Mapping[Any, Collection[Callable[[A], tuple[A, list[Event]]]]]
    others: Collection[Callable[[A], tuple[A, list[Event]]]] = ()
    """What else may happen to it on a walk."""
    quiet: Collection[tuple[Any, Any]] = ()
    """From where it need not get there: it changes nothing, as where it is there already."""
    once: Collection[Any] = ()
    """States into which it is refused to lead twice."""
    events: Mapping[Any, int] = field(default_factory=dict)
    """How many events lead into a state where it is not one."""
    unpublished: Collection[tuple[Any, Any]] = ()
    """Steps that another service published: they have no events here."""
    holds: Callable[[A, A, list[Event]], None] = lambda _before, _after, _events: None
    """What must be so after every step."""

    def expected(self, before: Any, after: Any) -> int:
        """Return how many events a step has."""
        return 0 if (before, after) in self.unpublished else self.events.get(after, 1)

    def tried(self, status: Any, wanted: Any) -> Iterator[tuple[A, list[Event]] | DomainError]:
        """Try every way from one state into another."""
        for move in self.into[wanted]:
            try:
                yield move(self.at(status))
            except DomainError as refused:
                yield refused
