"""The clock of the business. Tests and demonstrations can move it; tokens, TLS and traces keep real time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")


@dataclass(slots=True)
class Clock:
    """Business time of one process: real time plus an offset that the service's database holds."""

    offset: timedelta = timedelta()
    passed: timedelta = timedelta()
    """What a test lets pass of real time; nothing in any process that serves."""

    def real_now(self) -> datetime:
        """Return the real moment, in UTC: what is tried again waits for a machine, which follows no business clock."""
        return datetime.now(UTC) + self.passed

    def now(self) -> datetime:
        """Return the business moment, in UTC."""
        return datetime.now(UTC) + self.offset

    def today(self) -> date:
        """Return the business day, in Amsterdam."""
        return business_day(self.now())

    def real(self, moment: datetime) -> datetime:
        """Return the real moment at which business time is ``moment``."""
        return moment - self.offset


def business_day(moment: datetime) -> date:
    """Return the calendar day in Amsterdam on which a moment falls."""
    return moment.astimezone(AMSTERDAM).date()


def beginning_of(day: date) -> datetime:
    """Return midnight in Amsterdam at the start of a day, in UTC."""
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return midnight in Amsterdam at the end of a day, in UTC."""
    return beginning_of(day + timedelta(days=1))
