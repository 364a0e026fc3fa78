"""Calendar arithmetic that the law uses: months, and the school year a day belongs to."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month that many months on; the month's last day where it is shorter."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def months_spanned(first: date, last: date) -> int:
    """Return how many months the period, both days included, takes; a begun month counts as a whole one."""
    months = max((last.year - first.year) * 12 + last.month - first.month, 1)
    return months + (last_day_of(first, months) < last)


def last_day_of(first: date, months: int) -> date:
    """Return the last day of a period of that many months that begins on ``first``.

    It is the day before the same day of the month; where the month has no such day, it is the month's last: three
    years from 29 February 2028 end on 28 February 2031 (Regulation 1182/71, article 3).
    """
    after = add_months(first, months)
    return after - ONE_DAY if after.day == first.day else after


def period_of(day: date, starts_month: int) -> tuple[date, date]:
    """Return the first and the last day of the twelve months that ``day`` is in and that begin with that month."""
    first = date(day.year - (day.month < starts_month), starts_month, 1)
    return first, add_months(first, 12) - ONE_DAY
