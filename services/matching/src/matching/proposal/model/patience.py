"""Which vacancies can wait for the plan of the day, and how long the search leaves them to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from common.policy import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """A part of policy ``matching.plan``."""

    daily: bool
    """Whether there is a plan of each day to wait for."""
    begins_after: timedelta
    """A vacancy that begins sooner than this cannot wait."""
    lasts: timedelta
    """After this the search asks, whatever the plan did."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Patience:
        """Read the row that holds on ``day``.

        Raises:
            MissingDependency: it is not known here yet.
        """
        value = policies.on("matching.plan", day).value
        left = value["leftToPlan"]
        return cls(
            daily=bool(value["daily"]),
            begins_after=timedelta(days=left["beginsAfterDays"]),
            lasts=timedelta(days=left["days"]),
        )

    def until(self, starts_on: date, now: datetime, today: date) -> datetime | None:
        """Return until when a vacancy is left to the plan; None where the search asks at once."""
        waits = self.daily and self.lasts and starts_on - today >= self.begins_after
        return now + self.lasts if waits else None
