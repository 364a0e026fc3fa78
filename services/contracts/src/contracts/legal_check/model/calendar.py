"""Which days a contract covers, and in how many weeks there are lessons."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from rules.dates import ONE_DAY, last_day_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_A_YEAR = 12
_A_WEEK = timedelta(days=7)


def last_known_day(starts_on: date, ends_on: date | None, today: date) -> date:
    """Return the last day; of what has no end a year from the start, or from today once it runs."""
    return ends_on or last_day_of(max(starts_on, today), _A_YEAR)


def teaching_weeks(first: date, last: date, counting: Mapping[str, Any]) -> int:
    """Return the weeks with lessons in the period, at most those of one school year (``qualification.counting``)."""
    weeks = -(-((last - first) + ONE_DAY) // _A_WEEK)
    return min(max(weeks, 0), int(counting["teachingWeeks"]))
