"""From a day to the moment it begins: deadlines run by moments, the law and people by days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from common.clock import AMSTERDAM


def beginning_of(day: date) -> datetime:
    """Return midnight in Amsterdam at the start of a day, in UTC."""
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return midnight in Amsterdam at the end of a day, in UTC."""
    return beginning_of(day + timedelta(days=1))
