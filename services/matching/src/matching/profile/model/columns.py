"""The pool's facts as columns: row i of every array is the same person, so that numpy can weigh all at once."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from matching.profile.model.absence import AbsenceColumns
from matching.profile.model.engaged import EngagedColumns, halves
from matching.profile.model.week import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from matching.profile.model.profile import Profile

ABSENT: Final = -1
"""What a number column holds for a person who stated none."""
_WORD: Final = 64
_T = TypeVar("_T", bound=np.generic)


class Number(IntEnum):
    """The number columns: minutes, months, km."""

    AVAILABLE = 0
    WANTED = 1
    MONTHS = 2
    LIMIT = 3
    EMPLOYER = 4
    VOG = 5
    """The day it was issued, as an ordinal."""
    KIND = 6
    """Which distinct set of facts about qualification: see ``Pool.error_chain``."""
    COMPANY_DAYS = 7
    """The weekdays at the company as bits, Monday first; 0 where the company's place is not known."""
    REGION = 8
    """Of the home: where it stands in ``Columns.regions``."""
    COMPANY_REGION = 9
    ASKED = 10
    """The day of the newest proposal, as an ordinal; of who was never asked it is the earliest."""
    EMPLOYER_LIMIT = 11
    """The minutes a week for which the company lets the trainer teach."""


class Flag(IntEnum):
    """The yes-or-no columns."""

    PAUSED = 0
    CONSENTED = 1
    QUIET = 2


class CodeSets:
    """A set of codes per row: one bit for every code that was ever seen."""

    def __init__(self) -> None:
        self._bit_of: dict[str, int] = {}
        self._bits = np.zeros((1, 0), dtype=np.uint64)

    def put(self, row: int, codes: Iterable[str]) -> None:
        """Let ``row`` hold exactly ``codes``."""
        places = [self._bit_of.setdefault(code, len(self._bit_of)) for code in codes]
        while len(self._bits) * _WORD < len(self._bit_of):
            self._bits = np.vstack([self._bits, np.zeros_like(self._bits[:1])])
        self._bits[:, row] = 0
        for place in places:
            self._bits[place // _WORD, row] |= np.uint64(1 << place % _WORD)

    def move(self, source: int, target: int) -> None:
        """Let ``target`` hold what ``source`` holds."""
        self._bits[:, target] = self._bits[:, source]

    def grow(self, capacity: int) -> None:
        """Make room for that many rows."""
        self._bits = _wider(self._bits, capacity)

    def with_any(self, codes: Iterable[str], rows: int) -> NDArray[np.bool_]:
        """Tell which of the first ``rows`` rows hold at least one of ``codes``."""
        found = np.zeros(rows, dtype=np.bool_)
        masks = [0] * len(self._bits)
        for code in codes:
            if (place := self._bit_of.get(code)) is not None:
                masks[place // _WORD] |= 1 << place % _WORD
        for word, mask in zip(self._bits, masks, strict=True):
            if mask:
                found |= (word[:rows] & np.uint64(mask)) != 0
        return found

    def empty(self, rows: int) -> NDArray[np.bool_]:
        """Tell which of the first ``rows`` rows hold nothing."""
        empty: NDArray[np.bool_] = np.bitwise_or.reduce(self._bits[:, :rows], axis=0) == 0
        return empty


class Columns:
    """All columns of a pool; rows beyond its size hold left-overs and are never read."""

    def __init__(self) -> None:
        self.capacity = 0
        self.ids = np.zeros((2, 0), dtype=np.uint64)
        """High and low half of the trainer's id: the order of ties."""
        self.points = np.zeros((3, 0), dtype=np.int32)
        self.company_points = np.zeros((3, 0), dtype=np.int32)
        self.week = np.zeros((WORDS, 0), dtype=np.uint64)
        self.numbers = np.zeros((len(Number), 0), dtype=np.int32)
        self.flags = np.zeros((len(Flag), 0), dtype=np.bool_)
        self._number_of: dict[str | None, int] = {None: 0}
        self.subjects = CodeSets()
        self.school_types = CodeSets()
        self.roles = CodeSets()
        self.languages = CodeSets()
        self.forms = CodeSets()
        self.first_forms = CodeSets()
        self.engaged = EngagedColumns()
        self.absences = AbsenceColumns()

    def put(self, row: int, profile: Profile, kind: int) -> None:
        """Write one person's facts."""
        if row >= self.capacity:
            self._grow(max(2 * self.capacity, _WORD))
        self.ids[:, row] = halves(profile.trainer_id)
        self.points[:, row] = profile.place.point
        self.company_points[:, row] = (0, 0, 0) if profile.company_place is None else profile.company_place.point
        self.week[:, row] = profile.availability.words()
        self.numbers[:, row] = (
            profile.availability.minutes,
            ABSENT if profile.minutes_per_week is None else profile.minutes_per_week,
            ABSENT if profile.months is None else profile.months,
            ABSENT if profile.travel_limit_km is None else profile.travel_limit_km,
            profile.employer,
            ABSENT if profile.vog_issued_on is None else profile.vog_issued_on.toordinal(),
            kind,
            _company_days(profile),
            self._region(profile.region),
            self._region(profile.company_region),
            ABSENT if profile.asked_on is None else profile.asked_on.toordinal(),
            ABSENT if profile.employer_minutes is None else profile.employer_minutes,
        )
        self.flags[:, row] = (
            profile.paused,
            profile.consented,
            profile.quiet,
        )
        self.subjects.put(row, profile.subjects)
        self.school_types.put(row, profile.school_types)
        self.roles.put(row, profile.roles)
        self.languages.put(row, profile.languages)
        self.forms.put(row, profile.forms)
        self.first_forms.put(row, profile.forms[:1])
        self.engaged.put(row, profile)
        self.absences.put(row, profile.absences)

    @property
    def regions(self) -> Iterable[str | None]:
        """Every labour-market region that was ever seen, by its number; the first is an unknown one."""
        return self._number_of

    def move(self, source: int, target: int) -> None:
        """Copy one row over another."""
        for array in (self.ids, self.points, self.company_points, self.week, self.numbers, self.flags):
            array[:, target] = array[:, source]
        for sets in self._code_sets():
            sets.move(source, target)
        self.engaged.move(source, target)
        self.absences.move(source, target)

    def _region(self, region: str | None) -> int:
        return self._number_of.setdefault(region, len(self._number_of))

    def _grow(self, capacity: int) -> None:
        self.capacity = capacity
        self.ids = _wider(self.ids, capacity)
        self.points = _wider(self.points, capacity)
        self.company_points = _wider(self.company_points, capacity)
        self.week = _wider(self.week, capacity)
        self.numbers = _wider(self.numbers, capacity)
        self.flags = _wider(self.flags, capacity)
        for sets in self._code_sets():
            sets.grow(capacity)

    def _code_sets(self) -> tuple[CodeSets, ...]:
        return self.subjects, self.school_types, self.roles, self.languages, self.forms, self.first_forms


def weekday_bits(weekdays: Iterable[int]) -> int:
    """Return ISO weekdays as bits, Monday first."""
    return sum(1 << weekday - 1 for weekday in weekdays)


def _company_days(profile: Profile) -> int:
    if profile.company_place is None or profile.company_hours is None:
        return 0
    return weekday_bits(profile.company_hours.weekdays)


def _wider(array: NDArray[_T], capacity: int) -> NDArray[_T]:
    wider = np.zeros((array.shape[0], capacity), dtype=array.dtype)
    # Lines that are empty for everybody (the minutes of the night) stay untouched memory.
    for line in np.flatnonzero(array.any(axis=1)):
        wider[line, : array.shape[1]] = array[line]
    return wider
