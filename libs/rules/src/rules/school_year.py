"""The school year: on which days a school gives no lessons, by the policies on school holidays and public holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from rules.hours import is_holiday

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from common.policy import Policies

REGIONS: Final = ("noord", "midden", "zuid")
_DAY: Final = timedelta(days=1)
_NONE: Final[Mapping[str, Mapping[str, Any]]] = {
    "school.holidays": {"years": []},
    "school.regions": {"labourMarketRegions": {}, "municipalities": {}},
    "hours.holidays": {"days": [], "daysOrSaturdayBefore": [], "daysFromEaster": []},
}
"""What was decided before there were such rules stays as it was: no day was a holiday then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolYear:
    """The values of ``school.holidays``, ``school.regions`` and ``hours.holidays``; read only where days are asked."""

    school: Mapping[str, Any]
    regions: Mapping[str, Any]
    public: Mapping[str, Any]

    @classmethod
    def of(cls, policies: Policies, day: date) -> SchoolYear:
        """Read the rows that hold on ``day``; a rule that is not there knows no holiday."""
        school, regions, public = (
            next((row.value for row in policies.rows.get(code, ()) if row.holds_on(day)), nothing)
            for code, nothing in _NONE.items()
        )
        return cls(school=school, regions=regions, public=public)

    def region_of(self, municipality: str | None, labour_market_region: str | None) -> str | None:
        """Return the holiday region of a place: that of its municipality, or else of most of its region."""
        known = self.regions["municipalities"].get(municipality)
        region = known or self.regions["labourMarketRegions"].get(labour_market_region)
        return None if region is None else str(region)

    def free_days(self, first: date, last: date, region: str | None) -> frozenset[date]:
        """Return the days of a period on which schools of a holiday region give no lessons, weekends aside.

        Where the region is not known, those are the days on which no region has any. A school year that is not known
        has no holidays here.
        """
        found = [self._school_days(first, last, each) for each in (REGIONS if region is None else (region,))]
        return frozenset.intersection(*found) | {
            day
            for year in range(first.year, last.year + 1)
            for day in _public(year, *(tuple(self.public[name]) for name in _NONE["hours.holidays"]))
            if first <= day <= last
        }

    def _school_days(self, first: date, last: date, region: str) -> frozenset[date]:
        return frozenset(
            day
            for year in self.school["years"]
            for holiday in year["holidays"]
            for day in days_between(
                max(date.fromisoformat(holiday[region]["first"]), first),
                min(date.fromisoformat(holiday[region]["last"]), last),
            )
        )


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield every day of a period, both ends included."""
    return (first + number * _DAY for number in range((last - first).days + 1))


@lru_cache(maxsize=128)
def _public(
    year: int, days: tuple[str, ...], days_or_saturday_before: tuple[str, ...], days_from_easter: tuple[int, ...]
) -> tuple[date, ...]:
    value = {"days": days, "daysOrSaturdayBefore": days_or_saturday_before, "daysFromEaster": days_from_easter}
    return tuple(day for day in days_between(date(year, 1, 1), date(year, 12, 31)) if is_holiday(day, value))
