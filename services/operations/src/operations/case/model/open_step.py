"""The vocabulary of a capability for its cases: their kind, their steps in words, and its reactions to events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import ModuleType
from typing import Any, Final, TypeVar

from events import Event

SYSTEM: Final = "programme"
"""The owner where no party has to do anything: the system itself, watched by the programme."""

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """Something that somebody owes: a code with texts in both languages, its owners and its end, if there is one."""

    what: str
    owners: tuple[str, ...]
    due_at: datetime | None = None
    keeps_due: bool = False
    """Whether an earlier step's end stays in force."""
    waits: bool = False
    """Only shown where nothing else is open: a vacancy that looks for somebody, a trainer that is available."""


class Unmoved(Enum):
    """An event after which its subject owes what it owed before."""

    UNMOVED = "unmoved"


UNMOVED: Final = Unmoved.UNMOVED

Reaction = OpenStep | Unmoved | None
"""The subject's next step; None where nothing is owed any more."""

DONE: Final = None
"""Nothing is owed any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that can be open: its code, and what it is called in both languages."""

    code: str
    nl: str
    en: str
    waits: bool = False
    """As of `OpenStep`."""

    def by(self, *owners: str, due_at: datetime | None = None, keeps_due: bool = False) -> OpenStep:
        """Return the step as its owners owe it."""
        return OpenStep(what=self.code, owners=owners, due_at=due_at, keeps_due=keeps_due, waits=self.waits)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of case: the field of an event that names such a case, and what it is called in both languages."""

    code: str
    named_by: str
    nl: str
    en: str


class After:
    """The reactions of one capability: after which event its subject has which step open."""

    def __init__(self) -> None:
        """Begin without any."""
        self.reactions: dict[type[Event], Callable[[Any], Reaction]] = {}

    def __call__(self, *events: type[E], then: Reaction | Callable[[E], Reaction]) -> None:
        """Enter what is open after each of these events: always the same, or by what the event says.

        Raises:
            ValueError: one of them was entered before.
        """
        react = then if callable(then) else _always(then)
        for event in events:
            if event in self.reactions:
                raise ValueError(f"{event.__name__} moves a step twice")
            self.reactions[event] = react


def _always(reaction: Reaction) -> Callable[[Any], Reaction]:
    return lambda _: reaction


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All capabilities together."""

    reactions: Mapping[type[Event], Callable[[Any], Reaction]]
    steps: Mapping[str, Step]
    """By code."""
    kinds: Mapping[str, Kind]
    """By code."""
    shown: frozenset[str]
    """Fields of events that a case shows, by their public names."""


def collect(capabilities: Iterable[ModuleType]) -> Catalogue:
    """Return what these modules say: ``after``, each `Step`, each `Kind`, and ``SHOWN`` where there is one.

    Raises:
        ValueError: two of them react to one event, or give one code to two steps or kinds.
    """
    reactions: dict[type[Event], Callable[[Any], Reaction]] = {}
    steps: dict[str, Step] = {}
    kinds: dict[str, Kind] = {}
    shown: frozenset[str] = frozenset()
    for capability in capabilities:
        declared = vars(capability)
        for event, react in declared["after"].reactions.items():
            if event in reactions:
                raise ValueError(f"{capability.__name__} reacts to {event.__name__}, to which another one reacts")
            reactions[event] = react
        for each in declared.values():
            if isinstance(each, Step) and steps.setdefault(each.code, each) is not each:
                raise ValueError(f"{capability.__name__} has a step {each.code}, which there is already")
            if isinstance(each, Kind) and kinds.setdefault(each.code, each) is not each:
                raise ValueError(f"{capability.__name__} has a kind {each.code}, which there is already")
        shown |= declared.get("SHOWN", frozenset())
    return Catalogue(reactions, steps, kinds, shown)
