"""Estimates from several simulated years: what a rule brings on average, and how sure the dice leave it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matching.scenario.model.year import Year

LEAST: Final = 2
"""Of fewer years there is no interval."""
_MEDIAN, _NINE_IN_TEN, _THOUSAND = 5_000, 9_000, 1_000
_STUDENT: Final = (
    12706, 4303, 3182, 2776, 2571, 2447, 2365, 2306, 2262, 2228, 2201, 2179, 2160, 2145, 2131, 2120, 2110, 2101, 2093,
    2086, 2080, 2074, 2069, 2064, 2060, 2056, 2052, 2048, 2045, 2042,
)  # fmt: skip
"""Student's t for 95 %, in thousandths, by degrees of freedom; beyond them the last one, which is a little wide."""
_MEASURES: Final[Mapping[str, Callable[[Year], int]]] = {
    "filled": lambda year: year.consented,
    "asked": lambda year: year.asked,
    "letters": lambda year: year.letters,
    "in_vain": lambda year: year.withdrawn,
    "median_hours": lambda year: year.after(_MEDIAN),
    "p90_hours": lambda year: year.after(_NINE_IN_TEN),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean over years, and between which numbers it is with 95 % certainty."""

    mean: int
    low: int
    high: int

    @classmethod
    def of(cls, values: Sequence[int]) -> Estimate:
        """Estimate from at least ``LEAST`` values; rounding never makes the interval too narrow."""
        count, total = len(values), sum(values)
        squares = sum((count * each - total) ** 2 for each in values)
        student = _STUDENT[min(count - LEAST, len(_STUDENT) - 1)]
        square = -(-(student**2) * squares // (_THOUSAND**2 * count**3 * (count - 1)))
        half = isqrt(square - 1) + 1 if square else 0
        return cls(mean=(2 * total + count) // (2 * count), low=total // count - half, high=-(-total // count) + half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """Some years under one set of rules, and the difference from the same years under the rules of now."""

    runs: int
    places: int
    """That are to be filled, in each year."""
    measures: Mapping[str, Estimate]
    """By ``filled``, ``asked``, ``letters``, ``in_vain``, ``median_hours`` and ``p90_hours``."""
    change: Mapping[str, Estimate] | None
    """The same of the differences year by year; None of the rules of now."""

    @classmethod
    def of_json(cls, plain: Mapping[str, Any] | None) -> Simulated | None:
        """Read what was written of one; None stays None."""
        if plain is None:
            return None
        measures, change = (
            each and {name: Estimate(**of) for name, of in each.items()}
            for each in (plain["measures"], plain["change"])
        )
        return cls(runs=plain["runs"], places=plain["places"], measures=measures or {}, change=change)


def summary(years: Sequence[Year], now: Sequence[Year] | None) -> Simulated | None:
    """Return what these years say, beside those of ``now`` in the order of their seeds; None of fewer than two."""
    count = len(years) if now is None else min(len(years), len(now))
    if count < LEAST:
        return None
    measured = {name: [of(each) for each in years[:count]] for name, of in _MEASURES.items()}
    change = None
    if now is not None:
        before = {name: [of(each) for each in now[:count]] for name, of in _MEASURES.items()}
        change = {
            name: Estimate.of([after - was for after, was in zip(values, before[name], strict=True)])
            for name, values in measured.items()
        }
    return Simulated(
        runs=count,
        places=years[0].places,
        measures={name: Estimate.of(values) for name, values in measured.items()},
        change=change,
    )
