"""Pseudonyms, and bands that several candidates share: what a party sees before every party agreed."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

import numpy as np

from matching.ranking.model.criteria import SCALE, Factor
from matching.ranking.model.screening import HardRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from numpy.typing import NDArray

    from common.policy import Policies
    from matching.ranking.model.ranking import Ranking

Viewer = tuple[Literal["trainer", "company", "school", "desk", "programme", "order"], str]
"""The capacity in which a caller looks, and the organisation or region behind it; ``order`` is no caller's."""

_SUBJECTS: Final = ("same", "related", "other")
_HUNDRED: Final = 100
_LAST: Final = 9_999
"""Further than any band begins."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Candidate ids: without the key no reader can compute which trainer one is, nor that two are the same trainer."""

    key: bytes

    def of(self, vacancy_id: UUID, round_: int, viewer: Viewer, trainer_id: UUID) -> UUID:
        """Return the id of a trainer for one vacancy, one round of asking and one viewer."""
        kind, whose = viewer
        text = f"{vacancy_id}/{round_}/{kind}/{whose}/{trainer_id}"
        return UUID(bytes=hmac.digest(self.key, text.encode(), "sha256")[:16], version=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """How well a candidate fits, as far as enough others of the same ranking share it; None is not shown."""

    subject: str | None = None
    """Whether the candidate works in the vacancy's own subject: ``same``, ``related`` or ``other``."""
    distance_km: str | None = None
    """Such as ``10-25``: more than 10, at most 25."""
    hours_percent: str | None = None
    """How much of the hours that are asked the candidate can be there: ``100``, or such as ``50-99``."""

    @property
    def order(self) -> int:
        """Where candidates with these bands come in a list, the best fit first: the same for all that share them."""
        subject = len(_SUBJECTS) if self.subject is None else _SUBJECTS.index(self.subject)
        distance = _LAST if self.distance_km is None else _start(self.distance_km)
        hours = _HUNDRED - (0 if self.hours_percent is None else _start(self.hours_percent))
        return (subject * (_LAST + 1) + distance) * (_HUNDRED + 1) + hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Blindness:
    """Policy ``matching.blindness``."""

    distances: tuple[int, ...]
    """The upper limits of the bands, in km; the last band is open."""
    hours: tuple[int, ...]
    """The lower limits of the bands above the first, in per cent of what is asked."""
    smallest_group: int
    """A band is shown of candidates where at least so many of the ranking show the same ones."""
    counts_below: int
    """Fewer than this are not counted in public."""
    counts_rounded: int
    """Counts are rounded down to a multiple of this, so that one candidate more or less is seldom seen."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Blindness:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.blindness", day).value
        return cls(
            distances=tuple(value["distanceBandsKm"]),
            hours=tuple(value["hoursBandsPercent"]),
            smallest_group=value["smallestGroup"],
            counts_below=value["countsBelow"],
            counts_rounded=value["countsRoundedTo"],
        )

    def count(self, exact: int) -> int | None:
        """Return a count that may be shown; None where it is small."""
        return None if exact < self.counts_below else exact - exact % self.counts_rounded

    def rejections(self, ranking: Ranking) -> dict[str, int | None]:
        """Count per hard rule the candidates that it keeps apart from the opening."""
        return {rule.code: self.count(int(np.count_nonzero(ranking.failed & rule))) for rule in HardRule}

    def bands(self, ranking: Ranking) -> dict[int, Bands]:
        """Return what may be shown of each row that fits: no combination that fewer than ``smallest_group`` share."""
        fitting = np.flatnonzero(ranking.failed == 0)
        measured = self._measured(ranking)
        return {int(row): Bands(**shown) for rows, shown in self._groups(fitting, measured, {}) for row in rows}

    def _groups(
        self, rows: NDArray[np.intp], left: tuple[_Measured, ...], shown: dict[str, str]
    ) -> Iterator[tuple[NDArray[np.intp], dict[str, str]]]:
        """Split rows by one measure after the other; bands in which too few are become one with the next."""
        if not left:
            yield rows, shown
            return
        measured, *later = left
        for first, last in self._merged(measured.values[rows]):
            label = None if len(rows) < self.smallest_group else measured.label(first, last)
            part = rows[(measured.values[rows] >= first) & (measured.values[rows] <= last)]
            yield from self._groups(part, tuple(later), shown if label is None else {**shown, measured.name: label})

    def _merged(self, values: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
        """Yield ranges of bands that together hold everybody, each of them enough or all there are."""
        kinds, counts = np.unique(values, return_counts=True)
        first, held, left = 0, 0, len(values)
        for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True):
            first = first if held else kind
            held, left = held + count, left - count
            if not left or min(held, left) >= self.smallest_group:
                yield first, kind
                held = 0

    def _measured(self, ranking: Ranking) -> tuple[_Measured, ...]:
        evidence = ranking.evidence
        subject = evidence.scores.factors[list(Factor).index(Factor.SUBJECT)]
        percent = _HUNDRED * evidence.screening.minutes // evidence.opening.minutes_needed
        distance = np.searchsorted(self.distances, evidence.screening.kilometres)
        return (
            _Measured("subject", np.where(subject == SCALE, 0, np.where(subject > 0, 1, 2)), _subject),
            _Measured("distance_km", distance, partial(_distance, (0, *self.distances))),
            _Measured(
                "hours_percent", np.searchsorted(self.hours, percent, side="right"), partial(_hours, (0, *self.hours))
            ),
        )


@dataclass(frozen=True, slots=True)
class _Measured:
    """One measure as the number of each row's band, and the words for a range of bands; None where there are none."""

    name: str
    values: NDArray[np.intp]
    label: Callable[[int, int], str | None]


def _subject(first: int, last: int) -> str | None:
    return _SUBJECTS[first] if first == last else None


def _distance(starts: tuple[int, ...], first: int, last: int) -> str:
    return f"{starts[first]}-{starts[last + 1]}" if last + 1 < len(starts) else f"{starts[first]}+"


def _hours(starts: tuple[int, ...], first: int, last: int) -> str:
    low, high = starts[first], starts[last + 1] - 1 if last + 1 < len(starts) else _HUNDRED
    return str(low) if low == high else f"{low}-{high}"


def _start(label: str) -> int:
    return int(label.rstrip("+").split("-")[0])
