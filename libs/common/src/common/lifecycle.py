"""A life cycle, declared once: the guard of every transition, its refusal and its diagram follow from it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from common.errors import Conflict
from events import Event


class Living(Protocol):
    """A frozen dataclass with a ``status``."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def status(self) -> Any:
        """The state that it is in."""
        ...


S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=Living)


class LifeCycle(Generic[S]):
    """Which state may follow which. A life begins in the first state of the enum, and ends where nothing follows."""

    def __init__(self, refusal: type[Conflict], following: Mapping[S, Collection[S]]) -> None:
        """Take the aggregate's own ``NotPossible``, with ``{status}`` and ``{wanted}``; an end may be left out."""
        states: type[S] = type(next(iter(following)))
        self.refusal = refusal
        self.next: Final = {state: frozenset(following.get(state, ())) for state in states}

    def become(self, one: A, wanted: S, *events: Event, **changes: Any) -> tuple[A, list[Event]]:
        """Return it in another state, with other changes, and the events that publish it.

        Raises:
            Conflict: the state does not follow the one that it is in.
        """
        self.check(one, wanted)
        return replace(one, status=wanted, **changes), list(events)

    def check(self, one: Living, wanted: S) -> None:
        """Check that a state may follow the one that it is in.

        Raises:
            Conflict: it may not.
        """
        if wanted not in self.next[one.status]:
            raise self.refusal(status=str(one.status), wanted=str(wanted))

    def must_be(self, one: Living, *states: S, wanted: str) -> None:
        """Check that it is in one of the states, from which alone it is ``wanted`` in this way.

        Raises:
            Conflict: it is in another one.
        """
        if one.status not in states:
            raise self.refusal(status=str(one.status), wanted=str(wanted))

    def diagram(self) -> str:
        """Return a Mermaid state diagram; the order is the enum's."""
        begin, *_ = self.next
        arrows = [f"[*] --> {begin}"]
        for state, following in self.next.items():
            arrows += [f"{state} --> {after}" for after in self.next if after in following] or [f"{state} --> [*]"]
        return "\n".join(["stateDiagram-v2", *(f"    {arrow}" for arrow in arrows)])
