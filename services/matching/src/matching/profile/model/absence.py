"""An absence: days on which a trainer is away, whatever the week offers otherwise; and the absences of a pool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from common.errors import Invalid, InvalidParam, Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Absence:
    """A period, both days included.

    Raises:
        Invalid: it ends before it begins.
    """

    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise Invalid(InvalidParam("absences", Message("must not be before the start"), "out-of-range"))


def merged(absences: Iterable[Absence]) -> tuple[Absence, ...]:
    """Return them in their order; what overlaps or touches is one, so that no day counts twice."""
    found: list[Absence] = []
    for each in sorted(absences):
        if found and each.first_day <= found[-1].last_day + timedelta(days=1):
            last = max(found[-1].last_day, each.last_day)
            found[-1] = Absence(first_day=found[-1].first_day, last_day=last)
        else:
            found.append(each)
    return tuple(found)


class AbsenceColumns:
    """The absences of all rows; most rows have none, and take no room."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[Absence, ...]] = {}
        self._entries: NDArray[np.int32] | None = None

    def put(self, row: int, absences: Iterable[Absence]) -> None:
        """Let ``row`` have exactly these."""
        if found := merged(absences):
            self._of[row] = found
        elif self._of.pop(row, None) is None:
            return
        self._entries = None

    def move(self, source: int, target: int) -> None:
        """Let ``target`` have what ``source`` has, and ``source`` none."""
        self.put(target, self._of.get(source, ()))
        self.put(source, ())

    def within(self, rows: int, first: date, last: date) -> NDArray[np.int32]:
        """Return row, first and last day of those that have a day in a period; days as ordinals."""
        if self._entries is None:
            numbers = [
                (row, each.first_day.toordinal(), each.last_day.toordinal())
                for row, absences in self._of.items()
                for each in absences
            ]
            self._entries = np.array(numbers, dtype=np.int32).reshape(-1, 3).T
        row, begins, ends = self._entries
        return self._entries[:, (row < rows) & (begins <= last.toordinal()) & (ends >= first.toordinal())]
