"""The real calendar of an opening: on which days of its period lessons can be, and what absences leave of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.profile.model.week import DAYS

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from matching.vacancy.model.opening import Opening
    from rules.school_year import SchoolYear


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The weeks of a period, each with the days on which the school gives lessons."""

    monday: int
    """Of the first week, as an ordinal."""
    weeks: NDArray[np.int64]
    """Per week its days as bits, Monday is 1."""

    @classmethod
    def of(cls, opening: Opening, begins: date, school_year: SchoolYear) -> Calendar:
        """Take the days from ``begins`` to the last one of the opening without those on which the school is free."""
        last = opening.last_day(begins)
        region = school_year.region_of(opening.municipality, opening.region)
        free = school_year.free_days(begins, last, region).union(
            day for day in opening.days_without_lessons if begins <= day <= last
        )
        monday = begins.toordinal() - begins.weekday()
        lessons = np.zeros((-(-(last.toordinal() + 1 - monday) // DAYS), DAYS), dtype=np.int64)
        lessons.ravel()[begins.weekday() : last.toordinal() + 1 - monday] = 1
        lessons.ravel()[[day.toordinal() - monday for day in free]] = 0
        return cls(monday, lessons @ (1 << np.arange(DAYS)))

    def begins_after(self, day: date) -> bool:
        """Whether no lessons lie before that day."""
        week, weekday = divmod(max(day.toordinal() - self.monday, 0), DAYS)
        before = self.weeks[week : week + 1] & ((1 << weekday) - 1)
        return not (self.weeks[:week].any() or before.any())

    def left(self, minutes: NDArray[np.int32], by_weekday: NDArray[np.int64], away: Away) -> NDArray[np.int32]:
        """Return what absences leave of the minutes a week, in the mean over all weeks with lessons; rounded down.

        Args:
            minutes: what each person can teach in a week without any absence.
            by_weekday: on which days of a week those can be, a column for each person.
            away: when they are away.
        """

        def taught(days: NDArray[np.int64], who: NDArray[np.intp]) -> NDArray[np.int64]:
            """Return what each can teach in a week that has only these days."""
            there = days >> np.arange(DAYS)[:, None] & 1
            least: NDArray[np.int64] = np.minimum((by_weekday[:, who] * there).sum(axis=0), minutes[who])
            return least

        everybody = np.arange(len(minutes))
        whole = np.zeros(len(minutes), dtype=np.int64)
        for days, many in zip(*np.unique(self.weeks, return_counts=True), strict=True):
            whole += many * taught(np.full(len(minutes), days), everybody)
        who, week, absent = away.by_week(self.monday, len(self.weeks))
        lessons = self.weeks[week]
        missed = np.zeros(len(minutes), dtype=np.int64)
        np.add.at(missed, who, taught(lessons, who) - taught(lessons & ~absent, who))
        left: NDArray[np.int64] = np.where(whole > 0, minutes * (whole - missed) // np.maximum(whole, 1), minutes)
        return left.astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Away:
    """Absences as columns; no day of a person stands in two of them."""

    who: NDArray[np.intp]
    """Which of the persons that are looked at."""
    first: NDArray[np.int64]
    """The first and the last day as ordinals."""
    last: NDArray[np.int64]

    def by_week(self, monday: int, weeks: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]:
        """Return person, week and days as bits for each week of a period in which somebody is away."""
        first, last = np.maximum(self.first - monday, 0), np.minimum(self.last - monday, weeks * DAYS - 1)
        many = np.maximum(last // DAYS - first // DAYS + 1, 0)
        which = np.repeat(np.arange(len(many)), many)
        week = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many) + first[which] // DAYS
        start = np.maximum(first[which] - week * DAYS, 0)
        end = np.minimum(last[which] - week * DAYS, DAYS - 1)
        bits = (1 << end + 1) - (1 << start)
        keys, at = np.unique(self.who[which] * weeks + week, return_inverse=True)
        days = np.zeros(len(keys), dtype=np.int64)
        np.add.at(days, at, bits)
        return keys // weeks, keys % weeks, days
