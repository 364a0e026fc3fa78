"""From which day on a policy row decides who fits, and for which vacancies: what is to be looked at anew then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

ON_THE_DAY: Final = (
    "hours.holidays",
    "matching.fit",
    "matching.limits",
    "matching.road",
    "matching.subjects",
    "matching.travel",
    "school.holidays",
    "school.regions",
)
"""Rules that hold for every vacancy from their first day on."""
AT_THE_START: Final = ("forms", "qualification", "vog", "working_time")
"""Rules of law, which hold for the vacancies whose lessons begin while they do: known before, they count before."""
_ONE_DAY: Final = timedelta(days=1)
_BITS: Final = 32
_ALL: Final = 2**_BITS - 1


@dataclass(frozen=True, slots=True, order=True)
class RuleChange:
    """On ``due`` another row begins to decide who fits, for vacancies that start from ``first`` to ``last``."""

    due: date
    first: date = date.min
    last: date = date.max

    @property
    def id(self) -> UUID:
        """The same for the same change: what several rows change on one day for the same vacancies is one."""
        due, first, last = (day.toordinal() for day in (self.due, self.first, self.last))
        return UUID(int=(due << 2 * _BITS) | (first << _BITS) | last)

    @classmethod
    def of(cls, id_: UUID) -> RuleChange:
        """Return the change with that id."""
        days = (id_.int >> shift & _ALL for shift in (2 * _BITS, _BITS, 0))
        return cls(*map(date.fromordinal, days))


def changes(code: str, valid_from: date, valid_until: date | None, today: date) -> tuple[RuleChange, ...]:
    """Return when a row that was published today changes who fits; none where it is about something else.

    It does on its first day, and on the day after its last one, when what it stood in for holds again. Where it holds
    already, or where it is law and lessons begin while it will, it does so at once.
    """
    last = date.max if valid_until is None else valid_until
    ends = () if valid_until is None or valid_until == date.max else (valid_until + _ONE_DAY,)
    later = [day for day in (valid_from, *ends) if day > today]
    if _is_of(code, ON_THE_DAY):
        now = [RuleChange(today)] if valid_from <= today <= last else []
        return (*now, *map(RuleChange, later))
    if _is_of(code, AT_THE_START):
        begun = date.min if valid_from <= today else valid_from
        now = [RuleChange(today, begun, last)] if today <= last else []
        return (*now, *(RuleChange(day, last=day - _ONE_DAY) for day in later))
    return ()


def _is_of(code: str, rules: tuple[str, ...]) -> bool:
    return any(code == rule or code.startswith(f"{rule}.") for rule in rules)
