"""Days, moments and clock times, between bounds that say why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from common.inputs.refusals import BeyondTheCalendar, NotAClockTime, NotADay, NotAMoment, OutOfBounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """From which to which day something can be, and why: both days are included."""

    why: str
    earliest: date = date(1900, 1, 1)
    latest: date = date(2199, 12, 31)
    years_ahead: int | None = None
    """Counted from the business day; where that is not known, ``latest`` alone holds."""

    def until(self, today: date | None) -> date:
        """Return the last day that can be."""
        if today is None or self.years_ahead is None:
            return self.latest
        return min(self.latest, date(min(today.year + self.years_ahead, self.latest.year), 12, 31))

    def check(self, day: date, today: date | None = None) -> date:
        """Return the day itself.

        Raises:
            OutOfBounds: it lies outside.
        """
        latest = self.until(today)
        if not self.earliest <= day <= latest:
            raise OutOfBounds(earliest=self.earliest.isoformat(), latest=latest.isoformat(), why=self.why)
        return day


CALENDAR: Final = Bounds(why="nothing that is kept here lies outside")
"""Any day at all. Months and years can be added to it without leaving what Python and PostgreSQL can write."""
PLANNED: Final = Bounds(earliest=date(2000, 1, 1), years_ahead=10, why="work is planned ten years ahead at most")
"""When work begins, ends or was done: longer ahead nothing can be judged, and every week of it would be."""
CERTIFIED: Final = Bounds(earliest=date(1950, 1, 1), years_ahead=50, why="a career lasts fifty years at most")
"""Until when a qualification holds."""
VOG_ISSUED: Final = Bounds(
    earliest=date(2004, 4, 1), years_ahead=0, why="certificates of conduct exist since April 2004"
)
"""When a certificate of conduct was issued or seen."""

FIRST_MOMENT: Final = datetime(CALENDAR.earliest.year, 1, 1, tzinfo=UTC)
LAST_MOMENT: Final = datetime(CALENDAR.latest.year, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_CLOCK: Final = re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII)


def day(text: str, bounds: Bounds = CALENDAR, *, today: date | None = None) -> date:
    """Return a day that is written as ISO 8601 writes it, within its bounds.

    Raises:
        NotADay: it is written otherwise, or there is no such day.
        OutOfBounds: it lies outside.
    """
    if not _DAY.fullmatch(text):
        raise NotADay
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise NotADay from None
    return bounds.check(found, today)


def moment(text: str) -> datetime:
    """Return a moment in UTC that is written with any offset (RFC 3339), within the calendar.

    Raises:
        NotAMoment: it is written otherwise, or there is no such moment.
        BeyondTheCalendar: it lies outside.
    """
    if not _MOMENT.fullmatch(text):
        raise NotAMoment
    try:
        found = datetime.fromisoformat(text.upper())
        inside = FIRST_MOMENT <= found <= LAST_MOMENT
    except ValueError:
        raise NotAMoment from None
    if not inside:
        raise BeyondTheCalendar(earliest=FIRST_MOMENT.isoformat(), latest=LAST_MOMENT.isoformat())
    return found.astimezone(UTC)


def clock_time(text: str) -> time:
    """Return a local clock time, to the minute or second.

    Raises:
        NotAClockTime: it is written otherwise, or there is no such time.
    """
    if not _CLOCK.fullmatch(text):
        raise NotAClockTime
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise NotAClockTime from None
