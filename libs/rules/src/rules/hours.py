"""Hours of one day: what a day has room for, and what whoever approves them should look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from common.decision import Outcome, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from common.policy import Policies, PolicyRow

DAY, REPEATED, HOLIDAY, PLANNED = "HOURS_DAY", "HOURS_REPEATED", "HOURS_HOLIDAY", "HOURS_PLANNED"
_SUNDAY = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursFacts:
    """One line of hours, and the person's other lines of that day over all assignments."""

    day: date
    work_minutes: int
    """Contact and preparation."""
    travel_minutes: int
    lesson_minutes: int
    """Contact minutes of all lines of this assignment on that day."""
    with_a_lesson: bool
    """Whether this line is of a lesson: preparation alone may be done on any day."""
    other_work_minutes: int = 0
    other_travel_minutes: int = 0
    repeated: bool = False
    """Whether another line of that day has the very same minutes."""
    planned_minutes: int | None = None
    """What the roster has on that day; None is by appointment."""


def check(facts: HoursFacts, policies: Policies) -> Verdict:
    """Block what does not fit into a day; have a person look at a repeat, a holiday and what no lesson was planned for.

    No total is measured in words: a party would read what the person does elsewhere.

    Raises:
        Missing: a policy ``hours.…`` is not known on that day.
    """
    row = {name: policies.on(f"hours.{name}", facts.day) for name in ("day", "repeated", "holidays", "planned")}
    planned = facts.planned_minutes
    unplanned = planned is not None and facts.with_a_lesson and (planned == 0 or planned < facts.lesson_minutes)
    return Verdict(
        policy_version=policies.version,
        reasons=(
            _day(facts, row["day"]),
            _remark(REPEATED, row["repeated"], facts.day, found=facts.repeated),
            _remark(HOLIDAY, row["holidays"], facts.day, found=is_holiday(facts.day, row["holidays"].value)),
            Reason(
                rule=PLANNED,
                outcome=Outcome(row["planned"].value["outcome"]) if unplanned else Outcome.PASS,
                measured=facts.lesson_minutes,
                limit=planned,
                unit="minutes/day",
                period=facts.day.isoformat(),
                source=row["planned"].source,
            ),
        ),
    )


def is_holiday(day: date, value: Mapping[str, Any]) -> bool:
    """Whether policy ``hours.holidays`` names the day: by date, by date but never on a Sunday, or from Easter on."""
    eve = day + timedelta(days=1)
    moved = (day if day.isoweekday() != _SUNDAY else None, eve if eve.isoweekday() == _SUNDAY else None)
    return (
        f"{day:%m-%d}" in value["days"]
        or any(each is not None and f"{each:%m-%d}" in value["daysOrSaturdayBefore"] for each in moved)
        or (day - easter(day.year)).days in value["daysFromEaster"]
    )


def easter(year: int) -> date:
    """Return Easter Sunday in the Gregorian calendar (the algorithm of Meeus, Jones and Butcher)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _day(facts: HoursFacts, row: PolicyRow) -> Reason:
    work = facts.work_minutes + facts.other_work_minutes
    limit, outcome = row.value["maxMinutes"], Outcome.PASS
    if work + facts.travel_minutes + facts.other_travel_minutes > limit:
        outcome = Outcome.BLOCK
    elif work > row.value["remarkAboveMinutes"]:
        limit, outcome = row.value["remarkAboveMinutes"], Outcome(row.value["outcome"])
    return Reason(
        rule=DAY, outcome=outcome, limit=limit, unit="minutes/day", period=facts.day.isoformat(), source=row.source
    )


def _remark(rule: str, row: PolicyRow, day: date, *, found: bool) -> Reason:
    outcome = Outcome(row.value["outcome"]) if found else Outcome.PASS
    return Reason(rule=rule, outcome=outcome, period=day.isoformat(), source=row.source)
