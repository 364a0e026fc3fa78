"""Counting towards the guest cap: what was taught and is planned, in which scope, and since when it is too much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from common.errors import Refused
from rules.dates import ONE_DAY, add_months, period_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from common.policy import Policies

_DAYS_PER_WEEK = 7


class OverrideIncomplete(Refused):
    """A pilot override needs a reason, an owner and an end that is not before its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtLine:
    """One hour line; a reversing line has negative minutes."""

    day: date
    minutes: int
    board: str
    contact: bool = True
    approved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWork:
    """Contact minutes that are agreed but not yet taught: an engagement from its next lesson on."""

    first_day: date
    last_day: date
    minutes_per_week: int
    board: str
    max_minutes_per_school_year: int | None = None
    """As agreed in the contract; without it every week counts, up to the teaching weeks of a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotOverride:
    """Someone's decision to let a cap be exceeded for a while."""

    reason: str
    owner: str
    """Who answers for it: an organisation or a role, not a name."""
    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        """Refuse one that nobody answers for or that does not end."""
        if not self.reason.strip() or not self.owner.strip() or self.ends_on < self.starts_on:
            raise OverrideIncomplete

    def holds_on(self, day: date) -> bool:
        """Whether it lifts the cap on that day; its last day included."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUse:
    """How much of a cap is used: minutes a week, and minutes in the fullest school year concerned."""

    minutes_per_week: int
    """Of the engagements that run at the same time, where they are most."""
    minutes_per_school_year: int
    school_year: str
    this_school_year: int
    """The same of the school year that the day of the check is in."""


def use_of(
    *,
    day: date,
    board: str,
    taught: Iterable[TaughtLine],
    planned: Iterable[PlannedWork],
    counting: Mapping[str, Any],
) -> CapUse:
    """Add up the contact minutes of approved lines and what is planned, by policy ``qualification.counting``.

    Its ``scope`` counts one board's minutes or all of the person's.
    """
    per_board = counting["scope"] == "board"
    lines = [line for line in taught if _counts(line) and (not per_board or line.board == board)]
    plans = [plan for plan in planned if not per_board or plan.board == board]
    month = counting["schoolYearStartsInMonth"]
    this_year = period_of(day, month)
    years = sorted({this_year}.union(*(_years(plan, month) for plan in plans)))
    totals = {year: _in_year(year, lines, plans, counting["teachingWeeks"]) for year in years}
    fullest = max(years, key=lambda year: totals[year])
    return CapUse(
        minutes_per_week=max((_at_once(plan.first_day, plans) for plan in plans), default=0),
        minutes_per_school_year=totals[fullest],
        school_year=f"{fullest[0]}/{fullest[1]}",
        this_school_year=totals[this_year],
    )


def _counts(line: TaughtLine) -> bool:
    return line.contact and line.approved


def _years(plan: PlannedWork, month: int) -> set[tuple[date, date]]:
    years = set()
    first = plan.first_day
    while first <= plan.last_day:
        year = period_of(first, month)
        years.add(year)
        first = year[1] + ONE_DAY
    return years


def _in_year(
    year: tuple[date, date], lines: Iterable[TaughtLine], plans: Iterable[PlannedWork], teaching_weeks: int
) -> int:
    taught = sum(line.minutes for line in lines if year[0] <= line.day <= year[1])
    return taught + sum(_planned_in(year, plan, teaching_weeks) for plan in plans)


def _planned_in(year: tuple[date, date], plan: PlannedWork, teaching_weeks: int) -> int:
    days = (min(year[1], plan.last_day) - max(year[0], plan.first_day) + ONE_DAY) // timedelta(days=1)
    weeks = min(-(-max(days, 0) // _DAYS_PER_WEEK), teaching_weeks)
    minutes = weeks * plan.minutes_per_week
    return minutes if plan.max_minutes_per_school_year is None else min(minutes, plan.max_minutes_per_school_year)


def _at_once(day: date, plans: Iterable[PlannedWork]) -> int:
    return sum(plan.minutes_per_week for plan in plans if plan.first_day <= day <= plan.last_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoYearClock:
    """Runs from the first lesson above the cap: reminders, and the day from which it is no longer allowed."""

    started_on: date
    reminders: tuple[date, ...]
    flips_on: date

    def allows(self, day: date, *, verified: bool = False, extended_until: date | None = None) -> bool:
        """Whether teaching above the cap may go on: before the flip, qualified, or on an extension's last day."""
        return day < self.flips_on or verified or (extended_until is not None and day <= extended_until)


def two_year_clock(first_lesson_above: date, policies: Policies) -> TwoYearClock:
    """Return the clock of policy ``qualification.clock`` that holds on the day it starts.

    Raises:
        Missing: the policy is not known on that day.
    """
    value = policies.on("qualification.clock", first_lesson_above).value
    return TwoYearClock(
        started_on=first_lesson_above,
        reminders=tuple(add_months(first_lesson_above, months) for months in value["reminderMonths"]),
        flips_on=add_months(first_lesson_above, value["months"]),
    )


def first_lesson_above(
    taught: Iterable[TaughtLine], *, board: str, cap_minutes: int, counting: Mapping[str, Any]
) -> date | None:
    """Return the day of the first approved lesson that exceeded a school year's cap; None where none did."""
    per_board = counting["scope"] == "board"
    totals: dict[tuple[date, date], int] = {}
    for line in sorted(taught, key=lambda line: line.day):
        if _counts(line) and (not per_board or line.board == board):
            year = period_of(line.day, counting["schoolYearStartsInMonth"])
            totals[year] = totals.get(year, 0) + line.minutes
            if totals[year] > cap_minutes:
                return line.day
    return None
