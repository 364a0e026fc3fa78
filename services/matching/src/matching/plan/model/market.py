"""The market that a plan is made for: people, openings, who could teach where, and what counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message
from matching.profile.model.week import Week

if TYPE_CHECKING:
    from collections.abc import Iterable

CERTAIN: Final = 10_000
"""Chances, scores and shares are counted in ten-thousandths."""
WHOLE_PLACE: Final = 2
"""A place is counted in halves."""
SURE_PLACE: Final = WHOLE_PLACE * CERTAIN
"""A whole place that is filled for certain, in ten-thousandths of half a place."""
POINT: Final = SURE_PLACE * CERTAIN
"""The points of one unit of weight on a whole place that is filled for certain."""
BUNDLE: Final = 3
"""The most openings that one person is planned for."""
_HEAVIEST: Final = 1_000
"""No weight is larger, so that every sum fits 64 bits."""
_MOST: Final = 1_000_000
"""No number of places or minutes is larger."""
_TWO: Final = 2


class Part(IntEnum):
    """How much of a place a person would take: all of it, or one half where the school lets two people share."""

    WHOLE = 0
    FIRST = 1
    SECOND = 2

    @property
    def halves(self) -> int:
        """The halves of a place that it takes."""
        return WHOLE_PLACE if self is Part.WHOLE else 1


class Key(NamedTuple):
    """Which pair: one person at one opening, in one form, for all of a place or one half."""

    person: UUID
    opening: UUID
    form: str
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """Hours that a person has already; ``location`` is None where no travel follows from them."""

    slots: Week
    location: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person with what they can give: minutes are per week."""

    id: UUID
    minutes: int
    limit: int
    """What working time and the employer leave."""
    taken: int
    """Minutes that are taken already; they count against both."""
    week: Week
    most: int
    """The most openings to hold, 0 to 3."""
    engagements: tuple[Engagement, ...] = ()

    @property
    def free(self) -> int:
        """The minutes that are left, never below 0."""
        return max(min(self.minutes, self.limit) - self.taken, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A vacancy as a plan sees it; ``places`` are those that are free."""

    id: UUID
    board: UUID
    location: UUID
    region: str
    subject: str
    places: int
    shares: bool = False
    """Whether two people may share a place, one half each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A person who could teach at an opening, in one form: how well, how probably, and when."""

    person: UUID
    opening: UUID
    form: str
    part: Part = Part.WHOLE
    score: int
    """In ten-thousandths."""
    chance: int
    """The chance that all sides consent, in ten-thousandths."""
    minutes: int
    slots: Week
    """The lessons that would be taught; empty where the school leaves them open."""
    key: Key = field(init=False, repr=False, compare=False)
    """Its name."""

    def __post_init__(self) -> None:
        """Name it once: it is asked for more often than anything else."""
        object.__setattr__(self, "key", Key(self.person, self.opening, self.form, self.part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The minutes a week that one person may still teach at one board in these forms together."""

    person: UUID
    board: UUID
    forms: frozenset[str]
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Up to this share of a group's places (in ten-thousandths), a place filled there counts ``weight`` more."""

    share: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The weights of the aim: whole numbers, only their relation matters."""

    filled: int
    """A place that is filled."""
    score: int
    """The score of the person there, on top."""
    move: int
    """Taken off for each open proposal that the plan does not keep."""
    regions: tuple[Step, ...] = ()
    """On top for the first places of each region, less from step to step: who is served least counts most."""
    subjects: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """The minutes needed between lessons at two locations, the smaller id first."""

    one: UUID
    other: UUID
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One snapshot; it sorts its parts, so that the same facts are the same market.

    Two lessons on one day at two locations without ``travel`` between them cannot be held together.

    Raises:
        Invalid: its parts do not fit each other.
    """

    people: tuple[Person, ...]
    openings: tuple[Opening, ...]
    pairs: tuple[Pair, ...]
    weights: Weights
    travel: tuple[Travel, ...] = ()
    caps: tuple[Cap, ...] = ()
    apart: frozenset[frozenset[str]] = frozenset()
    """Two forms each that one person cannot have at one board."""
    standing: frozenset[Key] = frozenset()
    """Open proposals."""
    pinned: frozenset[Key] = frozenset()
    """What the plan must have: accepted proposals, and what a desk wishes."""
    excluded: frozenset[tuple[UUID, UUID]] = frozenset()
    """Person and opening that the plan must not have."""

    def __post_init__(self) -> None:
        order: dict[str, list[Any]] = {
            "people": sorted(self.people, key=lambda each: each.id),
            "openings": sorted(self.openings, key=lambda each: each.id),
            # Ids are in the order of their numbers, which are quicker to compare.
            "pairs": sorted(self.pairs, key=lambda each: (each.person.int, each.opening.int, each.form, each.part)),
            "travel": sorted(self.travel, key=lambda each: (each.one.int, each.other.int)),
            "caps": sorted(self.caps, key=lambda each: (each.person, each.board, sorted(each.forms))),
        }
        for name, values in order.items():
            object.__setattr__(self, name, tuple(values))
        if faults := [*_faults(self)]:
            raise Invalid(*faults)


def _faults(market: Market) -> Iterable[InvalidParam]:
    yield from _twice("people", (each.id for each in market.people))
    yield from _twice("openings", (each.id for each in market.openings))
    yield from _twice("pairs", (each.key for each in market.pairs))
    yield from _twice("travel", ((each.one, each.other) for each in market.travel))
    yield from _twice("caps", ((each.person, each.board, form) for each in market.caps for form in each.forms))
    yield from _unknown(market)
    yield from _out_of_range(market)
    yield from _weight_faults(market.weights)


def _unknown(market: Market) -> Iterable[InvalidParam]:
    people = {each.id for each in market.people}
    openings = {each.id: each for each in market.openings}
    if any(each.person not in people or each.opening not in openings for each in market.pairs):
        yield InvalidParam("pairs", Message("names a person or an opening that is not there"), "unknown")
    elif any(each.part is not Part.WHOLE and not openings[each.opening].shares for each in market.pairs):
        yield InvalidParam("pairs", Message("half a place where the school lets nobody share"), "not-shared")
    if not market.pinned <= {each.key for each in market.pairs}:
        yield InvalidParam("pinned", Message("names a pair that is not there"), "unknown")
    if any((key.person, key.opening) in market.excluded for key in market.pinned):
        yield InvalidParam("pinned", Message("is excluded as well"), "contradiction")


def _out_of_range(market: Market) -> Iterable[InvalidParam]:
    minutes = [number for each in market.people for number in (each.minutes, each.limit, each.taken)]
    minutes += [each.minutes for each in market.pairs]
    minutes += [each.minutes for each in market.travel] + [each.minutes for each in market.caps]
    if any(not 0 <= each <= _MOST for each in minutes):
        yield InvalidParam("minutes", Message("from 0 to a million"), "out-of-range")
    if any(not 0 <= each.most <= BUNDLE for each in market.people):
        yield InvalidParam("people", Message("openings from 0 to 3"), "out-of-range")
    if any(not 0 <= each.places <= _MOST for each in market.openings):
        yield InvalidParam("openings", Message("places from 0 to a million"), "out-of-range")
    if any(not 0 <= number <= CERTAIN for each in market.pairs for number in (each.score, each.chance)):
        yield InvalidParam("pairs", Message("score and chance from 0 to 10,000"), "out-of-range")
    if any(not each.one < each.other for each in market.travel):
        yield InvalidParam("travel", Message("the smaller id first"), "not-in-order")
    if any(len(each) != _TWO for each in market.apart):
        yield InvalidParam("apart", Message("two forms each"), "out-of-range")


def _weight_faults(weights: Weights) -> Iterable[InvalidParam]:
    steps = (*weights.regions, *weights.subjects)
    if any(not 0 <= each <= _HEAVIEST for each in (weights.filled, weights.score, weights.move)) or any(
        not 0 <= each.weight <= _HEAVIEST or not 0 < each.share <= CERTAIN for each in steps
    ):
        yield InvalidParam("weights", Message("from 0 to 1,000, shares above 0 to 10,000"), "out-of-range")
    for name, group in (("regions", weights.regions), ("subjects", weights.subjects)):
        if any(one.share >= other.share or one.weight < other.weight for one, other in pairwise(group)):
            yield InvalidParam(f"weights.{name}", Message("shares rise and weights never do"), "not-in-order")


def _twice(name: str, values: Iterable[object]) -> Iterable[InvalidParam]:
    if any(times > 1 for times in Counter(values).values()):
        yield InvalidParam(name, Message("names the same twice"), "duplicate")
