"""How any plan looks to each person and school: blocking pairs, exchanges, and the difference to another plan."""

# A plan makes a sum largest, not each part. Where a person and a school would both rather have each other, and where
# two people would both rather change places, is shown beside it, and left to people.

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from matching.plan.model.check import check, value
from matching.plan.model.market import Key, Market, Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from matching.plan.model.market import Cap, Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking:
    """A person and an opening that would both rather have each other than what the plan gives them."""

    key: Key
    leaves: Key | None
    """What the person would give up for it; None where it comes on top."""
    displaces: Key | None
    """Who would lose the place; None where one is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Two people who could change places: neither scores less, and one of them more."""

    leaves: tuple[Key, Key]
    takes: tuple[Key, Key]
    gain: int
    """By how much both scores together rise, in ten-thousandths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The pairs of one plan that another has not, and the price: a wish costs the value that is lost by it."""

    added: tuple[Key, ...]
    dropped: tuple[Key, ...]
    kept: int
    price: int
    """The points that the later plan is worth less; below 0 where it is worth more."""


def difference(market: Market, earlier: Collection[Key], later: Collection[Key]) -> Difference:
    """Compare two plans, each valued by the same market."""
    before, after = frozenset(earlier), frozenset(later)
    return Difference(
        added=tuple(sorted(after - before)),
        dropped=tuple(sorted(before - after)),
        kept=len(before & after),
        price=value(market, before) - value(market, after),
    )


def blocking(market: Market, chosen: Collection[Key]) -> Iterator[Blocking]:
    """Yield the blocking pairs of a plan that breaks no rule; what is pinned is neither left nor displaced."""
    plan = _Plan(market, frozenset(chosen))
    for pair in market.pairs:
        key = pair.key
        if plan.is_at(key) or (key.person, key.opening) in market.excluded:
            continue
        places = [other for other in plan.displaceable(key) if other is None or plan.score[other] < pair.score]
        if places and (leaves := plan.leaves_for(key)) is not False:
            yield Blocking(key=key, leaves=leaves, displaces=places[0])


def exchanges(market: Market, chosen: Collection[Key]) -> Iterator[Exchange]:
    """Yield the exchanges of two people's places in a plan that breaks no rule; what is pinned stays."""
    plan = _Plan(market, frozenset(chosen))
    movable = sorted(plan.chosen - market.pinned)
    at: dict[UUID, list[Key]] = defaultdict(list)
    for key in movable:
        at[key.opening].append(key)
    for one in movable:
        for wished in plan.of[one.person]:
            for other in at[wished.opening]:
                if one < other and wished.part == other.part:
                    yield from plan.exchange(one, other, wished)


@dataclass(slots=True)
class _Plan:
    market: Market
    chosen: frozenset[Key]
    score: dict[Key, int] = field(init=False)
    of: dict[UUID, list[Key]] = field(init=False)
    """The pairs of each person."""
    held: dict[UUID, frozenset[Key]] = field(init=False)
    there: dict[UUID, list[Key]] = field(init=False)
    """Who is at each opening, the lowest score first."""
    _alone: dict[UUID, Market] = field(init=False)
    _parts: _Parts = field(init=False)

    def __post_init__(self) -> None:
        self.score = {pair.key: pair.score for pair in self.market.pairs}
        self.of, self.there, self._alone = defaultdict(list), defaultdict(list), {}
        self._parts = _Parts(self.market)
        for pair in self.market.pairs:
            self.of[pair.person].append(pair.key)
        mine: dict[UUID, set[Key]] = defaultdict(set)
        for key in sorted(self.chosen, key=lambda each: (self.score[each], each)):
            mine[key.person].add(key)
            self.there[key.opening].append(key)
        self.held = {person.id: frozenset(mine[person.id]) for person in self.market.people}

    def is_at(self, key: Key) -> bool:
        return any(other.opening == key.opening for other in self.held[key.person])

    def displaceable(self, key: Key) -> list[Key | None]:
        """Return those without whom there is a place for ``key``: None where there is one already."""
        there = self.there[key.opening]
        others = [None, *(each for each in there if each not in self.market.pinned)]
        return [each for each in others if self._has_room(key, [other for other in there if other != each])]

    def leaves_for(self, key: Key) -> Key | Literal[False] | None:
        """Return what the person would leave for ``key``, None for nothing, False where they would not take it."""
        held = self.held[key.person]
        if self.holds(held | {key}):
            return None
        worse = sorted(
            (each for each in held - self.market.pinned if self.score[each] < self.score[key]),
            key=lambda each: (self.score[each], each),
        )
        return next((each for each in worse if self.holds(held - {each} | {key})), False)

    def exchange(self, one: Key, other: Key, wished: Key) -> Iterator[Exchange]:
        for back in self.of[other.person]:
            if back.opening != one.opening or back.part != one.part:
                continue
            first = self.score[wished] - self.score[one]
            second = self.score[back] - self.score[other]
            gains = first >= 0 and second >= 0 and first + second > 0
            if gains and self._may(one, wished) and self._may(other, back):
                yield Exchange(leaves=(one, other), takes=(wished, back), gain=first + second)

    def holds(self, keys: frozenset[Key]) -> bool:
        """Whether one person can hold all of them."""
        return not check(self._market_of(next(iter(keys)).person), keys)

    def _may(self, leaves: Key, takes: Key) -> bool:
        return (
            (takes.person, takes.opening) not in self.market.excluded
            and not self.is_at(takes)
            and self.holds(self.held[takes.person] - {leaves} | {takes})
        )

    def _has_room(self, key: Key, others: list[Key]) -> bool:
        places = next(each.places for each in self._market_of(key.person).openings if each.id == key.opening)
        parts = [other.part for other in others] + [key.part]
        whole = parts.count(Part.WHOLE)
        return whole + max(parts.count(Part.FIRST), parts.count(Part.SECOND)) <= places

    def _market_of(self, person: UUID) -> Market:
        """Return the market of one person: the others break no rule by what this one does, except for places."""
        if person not in self._alone:
            self._alone[person] = self._parts.of(person)
        return self._alone[person]


class _Parts:
    """The market by person, so that nobody's part of it is looked for in the whole."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.person = {each.id: each for each in market.people}
        self.opening = {each.id: each for each in market.openings}
        self.pairs: dict[UUID, list[Pair]] = defaultdict(list)
        self.caps: dict[UUID, list[Cap]] = defaultdict(list)
        for pair in market.pairs:
            self.pairs[pair.person].append(pair)
        for cap in market.caps:
            self.caps[cap.person].append(cap)
        self.ways = {(each.one, each.other): each for each in market.travel}

    def of(self, person: UUID) -> Market:
        """Return the market of one person; an engagement elsewhere has a way to it as well."""
        pairs = self.pairs[person]
        openings = [self.opening[each] for each in sorted({pair.opening for pair in pairs})]
        engaged = {each.location for each in self.person[person].engagements if each.location is not None}
        locations = sorted({each.location for each in openings} | engaged)
        ways = (self.ways.get((one, other)) for one, other in combinations(locations, 2))
        return replace(
            self.market,
            people=(self.person[person],),
            openings=tuple(openings),
            pairs=tuple(pairs),
            travel=tuple(way for way in ways if way is not None),
            caps=tuple(self.caps[person]),
            standing=frozenset(),
            pinned=self.market.pinned & {pair.key for pair in pairs},
            excluded=frozenset(),
        )
