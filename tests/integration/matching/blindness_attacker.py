"""A curious school: it consumes raw answers, knows no field by name, and guesses who is who."""

from __future__ import annotations

import base64
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

Point = tuple[float, float]
LUCKY: Final = 0.001
"""Less probable than this is no luck. There are a dozen such tests, in each run of the suite."""
FOUND: Final = 0.01
"""An attack that is meant to win is less probable than this."""
_KM_PER_DEGREE: Final = 111.2
ROAD: Final = 1.3
"""Kilometres of road per kilometre on the map: policy ``matching.road``, for a region without detours."""
_LONG: Final = 8
"""Texts of this length or more are ids, moments or hashes: one that comes back anywhere is a link."""
BANDS: Final = ("subject", "distanceKm", "hoursPercent")


@dataclass
class Sighting:
    """Everything that was seen of one candidate of one vacancy; ``truth`` is for the referee only."""

    truth: str
    place: float = 0.0
    """Where it stands in the list, from 0 to 1."""
    seen: list[Any] = field(default_factory=list)

    @cached_property
    def leaves(self) -> set[tuple[str, str]]:
        """Every value with its path, and long texts also without one."""
        found = {leaf for each in self.seen for leaf in flat(each)}
        return found | {("", value) for _, value in found if len(value) >= _LONG}

    @cached_property
    def numbers(self) -> dict[str, float]:
        """Whatever the sightings can be sorted by."""
        found = {"place": self.place}
        for path, value in (leaf for each in self.seen for leaf in flat(each)):
            if (number := _number(value)) is not None:
                found[path] = number
        return found

    @cached_property
    def looks(self) -> tuple[str, ...]:
        """What a party is meant to see: guessing among those that look the same is allowed."""
        found = dict(leaf for each in self.seen for leaf in flat(each))
        shown = {path.rpartition(".")[2]: value for path, value in found.items()}
        terms = [shown.get(name, "") for name in (*BANDS, "form", "status")]
        return (*terms, *sorted(value for path, value in found.items() if ".asked[" in path))


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every leaf of an answer with its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from flat(inner, f"{path}[{number}]")
    elif value is not None:
        yield path, json.dumps(value) if not isinstance(value, str) else value


def decoded(cursor: str | None) -> Any:
    """What a cursor says when it is unpacked."""
    return None if cursor is None else json.loads(base64.urlsafe_b64decode(f"{cursor}==="))[1:]


def link(ours: Sequence[Sighting], theirs: Sequence[Sighting], chance: random.Random) -> list[int]:
    """Guess for each of ours which of theirs is the same person: rare values in common, then the place in the list."""
    leaves = [one.leaves for one in theirs]
    often = Counter(leaf for found in (*leaves, *(one.leaves for one in ours)) for leaf in found)
    everybody = len(ours) + len(theirs)
    ranges = _ranges([*ours, *theirs])
    pairs = []
    for row, one in enumerate(ours):
        mine, numbers = one.leaves, one.numbers
        for column, other in enumerate(theirs):
            score = sum(math.log(everybody / often[leaf]) for leaf in mine & leaves[column])
            their = other.numbers
            for path, width in ranges.items():
                if path in numbers and path in their:
                    score += 1 - abs(numbers[path] - their[path]) / width
            pairs.append((score, chance.random(), row, column))
    guesses, taken = [-1] * len(ours), set[int]()
    for _, _, row, column in sorted(pairs, reverse=True):
        if guesses[row] < 0 and column not in taken:
            guesses[row] = column
            taken.add(column)
    return guesses


def ways_to_link(ours: Sequence[Sighting], theirs: Sequence[Sighting], chance: random.Random) -> dict[str, list[int]]:
    """Guess by everything together, and once more by each thing alone into whose order both can be put."""
    found = {"everything": link(ours, theirs, chance)}
    for path in sorted({path for one in ours for path in one.numbers}):
        rows, columns = (
            sorted(
                (number for number, one in enumerate(seen) if path in one.numbers),
                key=lambda number: (seen[number].numbers[path], chance.random()),
            )
            for seen in (ours, theirs)
        )
        found[path] = [-1] * len(ours)
        for row, column in zip(rows, columns, strict=False):
            found[path][row] = column
    return found


def recognised(ours: Sequence[Sighting], truths: Sequence[str], guesses: Sequence[int]) -> int:
    """Count the right guesses."""
    return sum(guess >= 0 and truths[guess] == one.truth for one, guess in zip(ours, guesses, strict=True))


def followed(seen: Sequence[Sequence[Sighting]]) -> float:
    """How probable it is that guessing recognises as many from the first vacancy to each other one.

    Of all ways to link, the best one counts, for guessing as well.
    """
    chance, first = random.Random(1), seen[0]
    ways = [ways_to_link(first, other, chance) for other in seen[1:]]

    def right(draw: Callable[[Sequence[Sighting]], list[str]]) -> int:
        truths = [draw(other) for other in seen[1:]]
        return max(
            sum(
                recognised(first, names, way.get(path, []))
                for names, way in zip(truths, ways, strict=True)
                if path in way
            )
            for path in ways[0]
        )

    found = right(lambda other: [one.truth for one in other])
    return luck(found, lambda: right(lambda other: shuffled(other, chance)))


def orders(seen: Sequence[Sighting]) -> list[list[int]]:
    """Every order into which the sightings can be put by something that was seen of them."""
    numbers = [one.numbers for one in seen]
    paths = {path for each in numbers for path in each}
    return [sorted(range(len(seen)), key=lambda row: numbers[row].get(path, math.inf)) for path in sorted(paths)]


def in_order_of(known: Sequence[str], truths: Sequence[str], found: Sequence[Sequence[int]]) -> int:
    """Lay those who registered in this order beside each order that was found; the most that is right."""
    present = [trainer for trainer in known if trainer in set(truths)]
    return max(
        sum(truths[row] == name for row, name in zip(order, names, strict=False))
        for order in found
        for names in (present, present[::-1])
    )


def home(circles: Sequence[tuple[Point, float, float]], grid: Sequence[Point]) -> Point:
    """Guess where somebody lives: the middle of the points that the most distances allow."""
    votes = defaultdict[int, list[Point]](list)
    for point in grid:
        votes[sum(low <= kilometres(point, centre) <= high for centre, low, high in circles)].append(point)
    best = votes[max(votes)]
    return sum(x for x, _ in best) / len(best), sum(y for _, y in best) / len(best)


def circle(seen: Sighting) -> tuple[float, float]:
    """Between which distances somebody lives, by what was seen: exact kilometres, else the band, else anywhere."""
    for path, value in (leaf for each in seen.seen for leaf in flat(each)):
        name = path.rpartition(".")[2]
        if name == "kilometres":
            # The factor of roads is public, so the attacker measures on the map.
            return (int(value) - 1) / ROAD - 0.1, int(value) / ROAD + 0.1
        if name == "distanceKm":
            low, _, high = value.rstrip("+").partition("-")
            return float(low) / ROAD - 0.5, float(high or 100) / ROAD + 0.5
    return 0, 100


def kilometres(one: Point, other: Point) -> float:
    """How far two points of one region are from each other."""
    east = (one[1] - other[1]) * math.cos(math.radians(one[0]))
    return math.hypot(one[0] - other[0], east) * _KM_PER_DEGREE


def shuffled(seen: Sequence[Sighting], chance: random.Random) -> list[str]:
    """Truths exchanged among those who look the same: what guessing would find."""
    alike = defaultdict[tuple[str, ...], list[int]](list)
    for number, one in enumerate(seen):
        alike[one.looks].append(number)
    truths = [one.truth for one in seen]
    for numbers in alike.values():
        drawn = chance.sample(numbers, len(numbers))
        for number, other in zip(numbers, drawn, strict=True):
            truths[number] = seen[other].truth
    return truths


def luck(found: int, by_chance: Callable[[], int], *, times: int = 1999, enough: int = 30) -> float:
    """The probability that guessing does at least as well: a permutation test.

    It ends as soon as guessing did so ``enough`` times: then it is no small one.
    """
    as_well = 0
    for tried in range(1, times + 1):
        as_well += by_chance() >= found
        if as_well == enough:
            return as_well / tried
    return (1 + as_well) / (times + 1)


def _number(value: str) -> float | None:
    if len(value) == 36 and value.count("-") == 4:
        return float(int(value.replace("-", ""), 16))
    try:
        return float(value)
    except ValueError:
        return None


def _ranges(seen: Sequence[Sighting]) -> dict[str, float]:
    by_path = defaultdict[str, list[float]](list)
    for one in seen:
        for path, number in one.numbers.items():
            by_path[path].append(number)
    return {path: max(values) - min(values) for path, values in by_path.items() if max(values) > min(values)}
