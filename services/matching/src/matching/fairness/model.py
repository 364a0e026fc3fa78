"""The classes in which matching counts people, and how each fares: shown rounded, small ones hidden. Pure."""

# Counts hold nobody: what one person has of several classes is never in one row. As counts are of events, five events
# could be one person. So the largest number of different people of a class that fitted one and the same vacancy is
# kept beside them, and a class is shown only where that many are enough.

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from math import sqrt
from typing import TYPE_CHECKING, Final

from rules.rounding import Rounding

if TYPE_CHECKING:
    from common.policy import Policies
    from matching.profile.model.profile import Profile
    from matching.vacancy.model.opening import Opening

_HOUR: Final = 60
_Z: Final = 1.96
"""Of the normal distribution: 95 of 100 intervals hold the true share."""


class Dimension(StrEnum):
    """By what people are counted; the last three are proxies (``information/facts.toml``)."""

    REGION = "region"
    """Labour-market region of the vacancy."""
    SCHOOL_TYPE = "school_type"
    COMPANY_SIZE = "company_size"
    """Of the trainer's company; ``none`` without a company, ``unknown`` where it did not name it."""
    DISTANCE_LIMIT = "distance_limit"
    EVENING_ONLY = "evening_only"
    HOURS_WANTED = "hours_wanted"


class Stage(StrEnum):
    """How far a person came with a vacancy."""

    FITS = "fits"
    """No rule kept the person apart when matching looked."""
    ASKED = "asked"
    TRAINER_CONSENTS = "trainer_consents"
    SCHOOL_CONSENTS = "school_consents"
    PLACED = "placed"


STEPS: Final[Mapping[Stage, Stage]] = {
    Stage.ASKED: Stage.FITS,
    Stage.TRAINER_CONSENTS: Stage.ASKED,
    Stage.SCHOOL_CONSENTS: Stage.ASKED,
    Stage.PLACED: Stage.ASKED,
}
"""Each stage, and the one of which it is a part."""

Cell = tuple[str, Dimension, str]
"""A region, a dimension and a class."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often people of a class came to a stage."""

    dimension: Dimension
    code: str
    stage: Stage
    number: int = 1
    people: int = 0
    """Of those who fit: how many different people that are, of one vacancy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Policy ``matching.fairness``."""

    months: int
    """Figures are of so many months, the present one included."""
    limits_km: tuple[int, ...]
    """The upper limits of the classes of travel limits; the last class is open."""
    hours: tuple[int, ...]
    """The upper limits of the classes of hours wanted, in minutes a week; the last class is open."""
    evening: int
    """From when on it is evening, in minutes since midnight."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Classes:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.fairness", day).value
        evening = time.fromisoformat(value["eveningFrom"])
        return cls(
            months=value["months"],
            limits_km=tuple(value["travelLimitsKm"]),
            hours=tuple(value["minutesWanted"]),
            evening=evening.hour * _HOUR + evening.minute,
        )

    def of_trainer(self, profile: Profile) -> dict[str, str]:
        """Return the class of a trainer in each dimension that is about people."""
        slots = profile.availability.slots
        evenings = bool(slots) and all(slot.start >= self.evening for slot in slots)
        return {
            Dimension.COMPANY_SIZE: _size(profile),
            Dimension.DISTANCE_LIMIT: _within(profile.travel_limit_km, self.limits_km),
            Dimension.EVENING_ONLY: "yes" if evenings else "no",
            Dimension.HOURS_WANTED: _within(profile.minutes_per_week, self.hours),
        }

    def first_month(self, today: date) -> date:
        """Return the first day of the months that the figures are of."""
        months = today.year * 12 + today.month - self.months
        return date(months // 12, months % 12 + 1, 1)


def _size(profile: Profile) -> str:
    if profile.company_id is None:
        return "none"
    return profile.company_size or "unknown"


def _within(number: int | None, limits: Sequence[int]) -> str:
    """Return the class of a number: such as ``0-15``, ``16-40`` and ``41+``; ``none`` where none was named."""
    if number is None:
        return "none"
    lowest = 0
    for limit in limits:
        if number <= limit:
            return f"{lowest}-{limit}"
        lowest = limit + 1
    return f"{lowest}+"


def region_of(opening: Opening) -> str:
    """Return the region under which a vacancy counts; empty where it has none."""
    return opening.region or ""


def fitting(opening: Opening, people: Iterable[Profile], classes: Classes) -> list[Count]:
    """Count those who fit an opening, once in each dimension."""
    found, everybody = Counter[tuple[Dimension, str]](), 0
    for profile in people:
        everybody += 1
        found.update((Dimension(name), code) for name, code in classes.of_trainer(profile).items())
    if everybody:
        found[Dimension.REGION, region_of(opening)] = found[Dimension.SCHOOL_TYPE, opening.school_type] = everybody
    return [Count(dimension, code, Stage.FITS, number, number) for (dimension, code), number in found.items()]


def reached(stage: Stage, region: str | None, school_type: str, classes: Mapping[str, str]) -> list[Count]:
    """Count one person who came to a stage, once in each dimension; none where the classes are erased."""
    if not classes:
        return []
    own = {Dimension.REGION: region or "", Dimension.SCHOOL_TYPE: school_type, **classes}
    return [Count(Dimension(name), code, stage) for name, code in own.items()]


# -- the figures --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How a class fares at one step, against the mean of its dimension; None where too little may be shown."""

    stage: Stage
    share: float | None
    """Of those at the stage before."""
    ratio: float | None
    """To the share of all classes of the dimension together."""
    low: float | None
    high: float | None
    """An interval for the ratio, at 95 %, what was rounded included."""

    @property
    def differs(self) -> bool:
        """Whether the interval leaves out 1."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Fares:
    """One class: its rounded numbers, and its steps."""

    dimension: Dimension
    code: str
    numbers: Mapping[Stage, int | None]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """Those at a stage and those at the one before, over the regions that show both."""

    part: int = 0
    whole: int = 0
    cells: int = 0

    def plus(self, other: _Part) -> _Part:
        return _Part(self.part + other.part, self.whole + other.whole, self.cells + other.cells)


def figures(counted: Mapping[Cell, Collection[Count]], rounding: Rounding) -> tuple[Fares, ...]:
    """Return how each class fares over the regions in which it may be shown.

    A number of several regions is the sum of what each of them shows, so that it bounds no hidden cell (ADR 0023).
    """
    shown: dict[tuple[Dimension, str], list[dict[Stage, int | None]]] = {}
    for cell, counts in sorted(counted.items()):
        shown.setdefault(cell[1:], []).append(_shown(cell, counts, rounding))
    parts = {cell: {stage: _part(stage, regions) for stage in STEPS} for cell, regions in shown.items()}
    means: dict[tuple[Dimension, Stage], _Part] = {}
    for (dimension, _), steps in parts.items():
        for stage, part in steps.items():
            means[dimension, stage] = means.get((dimension, stage), _Part()).plus(part)
    return tuple(
        Fares(
            dimension=dimension,
            code=code,
            numbers={stage: _sum(each[stage] for each in regions) for stage in Stage},
            steps=tuple(
                _step(stage, parts[dimension, code][stage], means[dimension, stage], rounding.step) for stage in STEPS
            ),
        )
        for (dimension, code), regions in shown.items()
    )


def _shown(cell: Cell, counts: Collection[Count], rounding: Rounding) -> dict[Stage, int | None]:
    numbers, name = {each.stage: each.number for each in counts}, "/".join(cell)
    if max((each.people for each in counts), default=0) < rounding.suppress_below:
        return dict.fromkeys(Stage)
    return {stage: rounding.published(f"fairness/{name}/{stage}", numbers.get(stage, 0)) for stage in Stage}


def _part(stage: Stage, regions: Iterable[Mapping[Stage, int | None]]) -> _Part:
    found = _Part()
    for each in regions:
        part, whole = each[stage], each[STEPS[stage]]
        if part is not None and whole is not None:
            found = found.plus(_Part(min(part, whole), whole, 1))
    return found


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [each for each in numbers if each is not None]
    return sum(known) if known else None


def _step(stage: Stage, own: _Part, all_: _Part, rounded: int) -> Step:
    if not own.whole or not all_.part:
        return Step(stage=stage, share=None, ratio=None, low=None, high=None)
    mean, off = all_.part / all_.whole, own.cells * rounded
    share, most = own.part / own.whole, max(own.whole - off, 1)
    low = _wilson(max(own.part - off, 0) / (own.whole + off), own.whole)[0]
    high = _wilson(min((own.part + off) / most, 1), most)[1]
    return Step(
        stage=stage,
        share=round(share, 3),
        ratio=round(share / mean, 2),
        low=round(low / mean, 2),
        high=round(high / mean, 2),
    )


def _wilson(share: float, of: int) -> tuple[float, float]:
    """Return the interval of Wilson for a share of so many: it holds where few were counted, and near 0 and 1."""
    middle = share + _Z**2 / (2 * of)
    half = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    whole = 1 + _Z**2 / of
    return (middle - half) / whole, (middle + half) / whole


def by_cell(rows: Iterable[tuple[str, Count]]) -> dict[Cell, list[Count]]:
    """Sort counts under their cells."""
    found: dict[Cell, list[Count]] = {}
    for region, count in rows:
        found.setdefault((region, count.dimension, count.code), []).append(count)
    return found


def in_order(found: Iterable[Fares]) -> Iterator[Fares]:
    """Yield classes by dimension and code."""
    order = list(Dimension)
    yield from sorted(found, key=lambda each: (order.index(each.dimension), each.code))
