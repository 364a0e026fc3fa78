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
    after = last + ONE_DAY
    months = (after.year - first.year) * 12 + after.month - first.month
    return months + (add_months(first, months) < after)


def period_of(day: date, starts_month: int) -> tuple[date, date]:
    """Return the first and the last day of the twelve months that ``day`` is in and that begin with that month."""
    first = date(day.year - (day.month < starts_month), starts_month, 1)
    return first, add_months(first, 12) - ONE_DAY
