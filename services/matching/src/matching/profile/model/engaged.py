"""The pool's engagements as columns: a line of numbers for every slot of one, updated row by row."""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from matching.profile.model.week import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from numpy.typing import NDArray

    from matching.profile.model.engagement import Engagement
    from matching.profile.model.profile import Profile

_NOBODY: Final = -1
_SMALLEST: Final = 64
_HALF: Final = 64


class Entry(IntEnum):
    """The numbers of an entry; those of the whole engagement stand in its first one, and are 0 in the others."""

    ROW = 0
    """Of the person in the pool's columns; -1 for an entry that is free."""
    AGREED = 1
    FIRST = 2
    """Its first day as an ordinal; that of no day is the earliest, or the latest, there is."""
    LAST = 3
    MINUTES = 4
    """What it takes of what the person wants in all."""
    AVAILABLE = 5
    """What it takes of the person's availability."""
    START = 6
    """Of the slot, in minutes of the week; without a slot equal to the end."""
    END = 7
    X = 8
    Y = 9
    Z = 10


class EngagedColumns:
    """The engagements of all rows; entries stand in no order, and those of a row can be anywhere."""

    def __init__(self) -> None:
        self._entries = np.full((len(Entry), _SMALLEST), _NOBODY, dtype=np.int32)
        self._vacancies = np.zeros((2, _SMALLEST), dtype=np.uint64)
        self._schools = np.zeros((2, _SMALLEST), dtype=np.uint64)
        self._of: dict[int, list[int]] = {}
        self._free: list[int] = []
        self._used = 0

    def entries(self) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
        """Return the entries, free ones included, and the high and low half of the id of each one's vacancy."""
        return self._entries[:, : self._used], self._vacancies[:, : self._used]

    def teaching_at(self, school_id: UUID, rows: int) -> NDArray[np.bool_]:
        """Return which of the first ``rows`` rows have agreed to teach at a school."""
        high, low = halves(school_id)
        there = (self._schools[0] == np.uint64(high)) & (self._schools[1] == np.uint64(low))
        row = self._entries[Entry.ROW]
        # A row beyond the pool's size is left over of a person who is not in it.
        agreed = there & (self._entries[Entry.AGREED] == 1) & (row != _NOBODY) & (row < rows)
        found = np.zeros(rows, dtype=np.bool_)
        found[row[agreed]] = True
        return found

    def put(self, row: int, profile: Profile) -> None:
        """Let ``row`` have exactly the engagements of this person."""
        self.drop(row)
        if profile.engagements:
            self._of[row] = [
                self._take(numbers, each) for each in profile.engagements for numbers in _numbers(row, each, profile)
            ]

    def drop(self, row: int) -> None:
        """Let ``row`` have none."""
        for entry in self._of.pop(row, ()):
            self._entries[Entry.ROW, entry] = _NOBODY
            self._free.append(entry)

    def move(self, source: int, target: int) -> None:
        """Let ``target`` have what ``source`` has, and ``source`` none."""
        self.drop(target)
        if (entries := self._of.pop(source, None)) is not None:
            self._entries[Entry.ROW, entries] = target
            self._of[target] = entries

    def _take(self, numbers: tuple[int, ...], engagement: Engagement) -> int:
        if self._free:
            entry = self._free.pop()
        else:
            entry, self._used = self._used, self._used + 1
            if entry == self._entries.shape[1]:
                self._entries = np.hstack([self._entries, np.full_like(self._entries, _NOBODY)])
                self._vacancies = np.hstack([self._vacancies, np.zeros_like(self._vacancies)])
                self._schools = np.hstack([self._schools, np.zeros_like(self._schools)])
        self._entries[:, entry] = numbers
        self._vacancies[:, entry] = halves(engagement.vacancy_id)
        self._schools[:, entry] = halves(engagement.school_id)
        return entry


def halves(id_: UUID | None) -> tuple[int, int]:
    """Split an id into its high and low 64 bits; those of no id are 0."""
    number = 0 if id_ is None else id_.int
    return number >> _HALF, number & (1 << _HALF) - 1


def _numbers(row: int, engagement: Engagement, profile: Profile) -> Iterator[tuple[int, ...]]:
    first = (engagement.first_day or date.min).toordinal()
    last = (engagement.last_day or date.max).toordinal()
    whole = engagement.minutes_per_week, engagement.minutes_of(profile.availability)
    point = (0, 0, 0) if engagement.place is None else engagement.place.point
    midnights = [((slot.weekday - 1) * DAY, slot) for slot in engagement.slots.slots]
    for start, end in [(day + slot.start, day + slot.end) for day, slot in midnights] or [(0, 0)]:
        yield (row, engagement.agreed, first, last, *whole, start, end, *point)
        whole = 0, 0
