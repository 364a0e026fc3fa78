"""A market as columns of whole numbers, so that numpy can look at all pairs at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from matching.plan.model.market import CERTAIN, POINT, WHOLE_PLACE, Key, Opening, Part, Step
from matching.profile.model.week import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from numpy.typing import NDArray

    from matching.plan.model.market import Market, Pair
    from matching.profile.model.week import Week

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NONE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """The lessons of each line, in minutes of the week; what a line has fewer of begins after it ends."""

    start: NDArray[np.int32]
    end: NDArray[np.int32]
    count: Ints
    """How many lessons a line has."""
    location: Ints
    """Where they are; ``NONE`` where no travel follows from them."""

    @classmethod
    def of(cls, lines: Sequence[tuple[Week, int]]) -> Lessons:
        """Take weeks and the numbers of their locations."""
        most = max((len(week.slots) for week, _ in lines), default=0)
        start = np.full((max(most, 1), len(lines)), 1, dtype=np.int32)
        end = np.zeros_like(start)
        known: dict[Week, list[tuple[int, int]]] = {}
        for line, (week, _) in enumerate(lines):
            if week not in known:
                known[week] = [
                    ((slot.weekday - 1) * DAY + slot.start, (slot.weekday - 1) * DAY + slot.end) for slot in week.slots
                ]
            for number, (begins, ends) in enumerate(known[week]):
                start[number, line], end[number, line] = begins, ends
        return cls(
            start=start,
            end=end,
            count=whole(len(week.slots) for week, _ in lines),
            location=whole(location for _, location in lines),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Journeys:
    """The travel between two locations that are numbered."""

    keys: Ints
    minutes: Ints
    locations: int

    def between(self, one: Ints, other: Ints) -> Ints:
        """Return the minutes; a whole day where nobody knows the way, 0 where there is none."""
        keys = np.minimum(one, other) * self.locations + np.maximum(one, other)
        found = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        minutes = np.where(self.keys[found] == keys, self.minutes[found], DAY)
        return np.where((one == other) | (one == NONE) | (other == NONE), 0, minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A region or a subject: what its first places count on top, as widths and points."""

    kind: str
    code: str
    widths: tuple[int, ...]
    """In ten-thousandths of half a place."""
    points: tuple[int, ...]
    """Per ten-thousandth of half a place."""

    def worth(self, amount: int) -> int:
        """Return the points of so much filled."""
        total = 0
        for width, points in zip(self.widths, self.points, strict=True):
            total += points * min(width, amount)
            amount -= min(width, amount)
        return total

    def rest(self, price: int) -> int:
        """Return the most that it can be worth beyond ``price`` per ten-thousandth of half a place."""
        return sum(width * max(points - price, 0) for width, points in zip(self.widths, self.points, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All that the search needs. Pairs are sorted by person; a row is a place of an opening, or one half of it."""

    keys: tuple[Key, ...]
    person: Ints
    opening: Ints
    board: Ints
    value: Ints
    """The points of each pair by itself."""
    amount: Ints
    """What it is expected to fill, in ten-thousandths of half a place."""
    minutes: Ints
    halves: NDArray[np.int64]
    """Per pair its one or two rows; ``NONE`` where there is no second."""
    region: Ints
    """Per pair its group, ``NONE`` where regions have no steps."""
    subject: Ints
    form: Ints
    cap: Ints
    """Per pair which cap counts its minutes, ``NONE`` where none does."""
    pinned: Flags
    available: Flags
    """Whether all lessons are within the person's week."""
    lessons: Lessons
    engagements: Lessons
    engaged: Ints
    """Per engagement its person."""
    people: tuple[UUID, ...]
    free: Ints
    most: Ints
    rows: tuple[tuple[UUID, Part], ...]
    places: Ints
    """Per row."""
    caps: Ints
    groups: tuple[Group, ...]
    apart: Flags
    """Form by form: whether one person cannot have both at one board."""
    journeys: Journeys
    penalty: int
    """What is taken off if no open proposal is kept."""

    def worth(self, chosen: Ints) -> int:
        """Return the points of these pairs together, exactly."""
        total = int(self.value[chosen].sum()) - self.penalty
        filled = [0] * len(self.groups)
        for each in chosen.tolist():
            for group in (int(self.region[each]), int(self.subject[each])):
                if group != NONE:
                    filled[group] += int(self.amount[each])
        return total + sum(group.worth(amount) for group, amount in zip(self.groups, filled, strict=True))


def table_of(market: Market) -> Table:
    """Number everything; pairs that are excluded, or at an opening without a free place, are not in it."""
    # Numbers of ids: with many pairs the hashes of the ids themselves would be half of the work.
    openings = {each.id.int: each for each in market.openings}
    excluded = {person for person, _ in market.excluded}
    pairs = [
        each
        for each in market.pairs
        if not (excluded and each.person in excluded and (each.person, each.opening) in market.excluded)
        and (openings[each.opening.int].places or each.key in market.pinned)
    ]
    at = [openings[each.opening.int] for each in pairs]
    people = {each.id.int: number for number, each in enumerate(market.people)}
    places = numbered(each.id.int for each in market.openings)
    boards = numbered(each.board.int for each in market.openings)
    forms = numbered(sorted({each.form for each in market.pairs} | {form for two in market.apart for form in two}))
    locations = numbered(
        sorted(
            {each.location for each in market.openings}
            | {each for way in market.travel for each in (way.one, way.other)}
            | {each.location for person in market.people for each in person.engagements if each.location}
        )
    )
    rows = [
        (each.id, part)
        for each in market.openings
        for part in ((Part.FIRST, Part.SECOND) if each.shares else (Part.WHOLE,))
    ]
    row_of = numbered(rows)
    groups = _groups(market)
    group_of = numbered((each.kind, each.code) for each in groups)
    cap_of = {
        (each.person.int, each.board.int, form): number
        for number, each in enumerate(market.caps)
        for form in each.forms
    }
    weeks = {each.id.int: each.week for each in market.people}
    weights, chance = market.weights, whole(each.chance for each in pairs)
    amount = whole(each.part.halves for each in pairs) * chance
    score = whole(each.score for each in pairs)
    standing = _are_in(market.standing, pairs).astype(np.int64)
    return Table(
        keys=tuple(each.key for each in pairs),
        person=whole(people[each.person.int] for each in pairs),
        opening=whole(places[each.opening.int] for each in pairs),
        board=whole(boards[each.board.int] for each in at),
        value=amount * (weights.filled * CERTAIN + weights.score * score) + standing * weights.move * POINT,
        amount=amount,
        minutes=whole(each.minutes for each in pairs),
        halves=np.array(
            [_rows(each.part, opening, row_of) for each, opening in zip(pairs, at, strict=True)], dtype=np.int64
        ).reshape(-1, 2),
        region=whole(group_of.get(("region", each.region), NONE) for each in at),
        subject=whole(group_of.get(("subject", each.subject), NONE) for each in at),
        form=whole(forms[each.form] for each in pairs),
        cap=whole(
            cap_of.get((each.person.int, opening.board.int, each.form), NONE)
            for each, opening in zip(pairs, at, strict=True)
        ),
        pinned=_are_in(market.pinned, pairs),
        available=np.array([not each.slots.bits & ~weeks[each.person.int].bits for each in pairs], dtype=np.bool_),
        engagements=Lessons.of(
            [
                (each.slots, NONE if each.location is None else locations[each.location])
                for person in market.people
                for each in person.engagements
            ]
        ),
        engaged=whole(number for number, person in enumerate(market.people) for _ in person.engagements),
        lessons=Lessons.of(
            [(each.slots, locations[opening.location]) for each, opening in zip(pairs, at, strict=True)]
        ),
        people=tuple(each.id for each in market.people),
        free=whole(each.free for each in market.people),
        most=whole(each.most for each in market.people),
        rows=tuple(rows),
        places=whole(openings[opening.int].places for opening, _ in rows),
        caps=whole(each.minutes for each in market.caps),
        groups=groups,
        apart=_apart(forms, market.apart),
        journeys=_journeys(market, locations),
        penalty=len(market.standing) * weights.move * POINT,
    )


def whole(values: Iterable[int]) -> Ints:
    """Return whole numbers as an array."""
    return np.fromiter(values, dtype=np.int64)


def numbered(values: Iterable[Any]) -> dict[Any, int]:
    """Number what is distinct, in the order in which it comes."""
    return {value: number for number, value in enumerate(dict.fromkeys(values))}


def _are_in(keys: frozenset[Key], pairs: Sequence[Pair]) -> Flags:
    """Tell which pairs are among these few."""
    people = {key.person.int for key in keys}
    return np.array([each.person.int in people and each.key in keys for each in pairs], dtype=np.bool_)


def _rows(part: Part, opening: Opening, row_of: dict[tuple[UUID, Part], int]) -> tuple[int, int]:
    if not opening.shares:
        return row_of[opening.id, Part.WHOLE], NONE
    if part is Part.WHOLE:
        return row_of[opening.id, Part.FIRST], row_of[opening.id, Part.SECOND]
    return row_of[opening.id, part], NONE


def _groups(market: Market) -> tuple[Group, ...]:
    counted: dict[tuple[str, str], int] = {}
    for each in market.openings:
        for key in (("region", each.region), ("subject", each.subject)):
            counted[key] = counted.get(key, 0) + each.places
    steps = {"region": market.weights.regions, "subject": market.weights.subjects}
    return tuple(
        _group(kind, code, places, steps[kind])
        for (kind, code), places in sorted(counted.items())
        if steps[kind] and places
    )


def _group(kind: str, code: str, places: int, steps: tuple[Step, ...]) -> Group:
    starts = (0, *(each.share for each in steps))
    return Group(
        kind=kind,
        code=code,
        # A share is in ten-thousandths, and so is what is filled: only the halves are left to count.
        widths=tuple((step.share - start) * places * WHOLE_PLACE for start, step in zip(starts, steps, strict=False)),
        points=tuple(step.weight * CERTAIN for step in steps),
    )


def _apart(forms: dict[str, int], apart: Iterable[frozenset[str]]) -> Flags:
    found = np.zeros((len(forms), len(forms)), dtype=np.bool_)
    for one, other in map(sorted, apart):
        found[forms[one], forms[other]] = found[forms[other], forms[one]] = True
    return found


def _journeys(market: Market, locations: dict[UUID, int]) -> Journeys:
    # Numbers follow the ids: the key of the smaller id first is the smaller number first.
    keys = whole(locations[each.one] * len(locations) + locations[each.other] for each in market.travel)
    order = np.argsort(keys, kind="stable")
    minutes = whole(each.minutes for each in market.travel)
    return Journeys(
        # One key that no two locations have: the arrays are never empty.
        keys=np.append(keys[order], np.iinfo(np.int64).max),
        minutes=np.append(minutes[order], DAY),
        locations=len(locations),
    )
