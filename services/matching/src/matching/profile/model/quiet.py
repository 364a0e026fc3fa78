"""Quiet weeks: those in which a trainer is not asked, and in which no question to one ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from common.clock import AMSTERDAM

if TYPE_CHECKING:
    from collections.abc import Collection

_WEEK: Final = timedelta(weeks=1)


def is_quiet(day: date, mondays: Collection[date]) -> bool:
    """Whether a day lies in one of the weeks."""
    return bool(mondays) and day - timedelta(days=day.weekday()) in mondays


def after_quiet(moment: datetime, mondays: Collection[date]) -> datetime:
    """Return the moment, or the same one of the first week after it that is not quiet."""
    while is_quiet(moment.astimezone(AMSTERDAM).date(), mondays):
        moment += _WEEK
    return moment
