"""A check of any plan against its market, that shares no code with the search: pair by pair, lesson by lesson."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations, product
from typing import TYPE_CHECKING

from matching.plan.model.market import CERTAIN, Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from uuid import UUID

    from matching.plan.model.market import Cap, Engagement, Key, Market, Opening, Pair, Person, Step
    from matching.profile.model.week import Week


def check(market: Market, chosen: Collection[Key]) -> list[str]:
    """Name every rule that these choices break, with where; nothing is named where all is well."""
    pairs = {each.key: each for each in market.pairs}
    if unknown := [key for key in chosen if key not in pairs]:
        return [f"{_named(key)}: no such pair" for key in unknown]
    held: dict[UUID, list[Pair]] = defaultdict(list)
    for key in chosen:
        held[key.person].append(pairs[key])
    openings = {each.id: each for each in market.openings}
    faults = [f"{_named(key)}: chosen {times} times" for key, times in Counter(chosen).items() if times > 1]
    faults += [f"{_named(key)}: excluded" for key in chosen if (key.person, key.opening) in market.excluded]
    faults += [f"{_named(key)}: pinned and not chosen" for key in market.pinned.difference(chosen)]
    ways = {frozenset((each.one, each.other)): each.minutes for each in market.travel}
    caps: dict[UUID, list[Cap]] = defaultdict(list)
    for cap in market.caps:
        caps[cap.person].append(cap)
    for person in market.people:
        mine = held[person.id]
        at = [openings[pair.opening] for pair in mine]
        found = [*_of_person(person, mine), *_of_boards(market, caps[person.id], mine, at)]
        found += _of_week(
            ways, person.engagements, [(pair.slots, each.location) for pair, each in zip(mine, at, strict=True)]
        )
        faults += [f"person {person.id}: {fault}" for fault in found]
    faults += [f"opening {fault}" for fault in _of_places(openings, [pair for mine in held.values() for pair in mine])]
    return sorted(faults)


def value(market: Market, chosen: Collection[Key]) -> int:
    """Return what these choices are worth together, in points."""
    pairs = {each.key: each for each in market.pairs}
    openings = {each.id: each for each in market.openings}
    weights = market.weights
    total = -len(market.standing.difference(chosen)) * weights.move * 2 * CERTAIN * CERTAIN
    filled: Counter[tuple[str, str]] = Counter()
    for key in chosen:
        pair, opening = pairs[key], openings[key.opening]
        halves = 2 if key.part is Part.WHOLE else 1
        total += pair.chance * halves * (weights.filled * CERTAIN + weights.score * pair.score)
        filled["region", opening.region] += pair.chance * halves
        filled["subject", opening.subject] += pair.chance * halves
    for (kind, code), amount in filled.items():
        mine = [each.places for each in market.openings if code == (each.region if kind == "region" else each.subject)]
        total += _on_top(weights.regions if kind == "region" else weights.subjects, sum(mine), amount)
    return total


def _on_top(steps: Sequence[Step], places: int, amount: int) -> int:
    total = reached = 0
    for step in steps:
        # A share of the places, in the same unit as the amount.
        until = min(step.share * places * 2, amount)
        total += max(until - reached, 0) * step.weight * CERTAIN
        reached = max(until, reached)
    return total


def _of_person(person: Person, mine: Sequence[Pair]) -> Iterator[str]:
    if len(mine) > person.most:
        yield f"holds {len(mine)} openings and at most {person.most} are to be"
    if len({pair.opening for pair in mine}) < len(mine):
        yield "holds one opening twice"
    minutes = person.taken + sum(pair.minutes for pair in mine)
    if mine and minutes > min(person.minutes, person.limit):
        yield f"has {minutes} minutes and may have {min(person.minutes, person.limit)}"
    for pair in mine:
        if pair.slots.shared(person.week) != pair.slots:
            yield f"is not available for all lessons at {pair.opening}"


def _of_boards(market: Market, caps: Sequence[Cap], mine: Sequence[Pair], at: Sequence[Opening]) -> Iterator[str]:
    for cap in caps:
        used = sum(
            pair.minutes
            for pair, opening in zip(mine, at, strict=True)
            if opening.board == cap.board and pair.form in cap.forms
        )
        if used > cap.minutes:
            yield f"has {used} minutes at board {cap.board} under a cap of {cap.minutes}"
    for (one, here), (other, there) in combinations(zip(mine, at, strict=True), 2):
        if here.board == there.board and {one.form, other.form} in market.apart:
            yield f"has {one.form} and {other.form} at one board"


def _of_week(
    ways: Mapping[frozenset[UUID], int], engagements: Sequence[Engagement], lessons: Sequence[tuple[Week, UUID]]
) -> Iterator[str]:
    taken = [(each.slots, each.location) for each in engagements]
    for number, (week, location) in enumerate(lessons):
        for other, elsewhere in (*taken, *lessons[number + 1 :]):
            way = 0 if elsewhere in {None, location} else ways.get(frozenset((location, elsewhere)))
            for slot, second in product(week.slots, other.slots):
                between = max(second.start - slot.end, slot.start - second.end)
                if slot.weekday != second.weekday:
                    continue
                if between < 0:
                    yield f"has two lessons at once on {slot}"
                elif way is None or between < way:
                    yield f"cannot travel between {slot} and {second}"


def _of_places(openings: dict[UUID, Opening], pairs: list[Pair]) -> Iterator[str]:
    parts: dict[UUID, Counter[Part]] = defaultdict(Counter)
    for pair in pairs:
        parts[pair.opening][pair.part] += 1
    for opening, taken in parts.items():
        # Whole places and first halves together need as many places, and so do whole places and second halves.
        used = taken[Part.WHOLE] + max(taken[Part.FIRST], taken[Part.SECOND])
        if used > openings[opening].places:
            yield f"{opening}: {used} places are taken of {openings[opening].places}"


def _named(key: Key) -> str:
    return f"person {key.person} at {key.opening}"
