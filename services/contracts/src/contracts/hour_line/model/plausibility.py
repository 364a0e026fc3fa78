"""Whether hours can have been worked, beside the person's other hours of that day and the agreed roster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.decision import Outcome
from contracts.contract.model import week
from contracts.hour_line.model.hour_line import DayIsFull
from rules import hours
from rules.hours import HoursFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.decision import Verdict
    from common.policy import Policies
    from contracts.hour_line.model.hour_line import HourLine
    from events.words import Slot


def plausibility(
    line: HourLine, others: Sequence[HourLine], roster: Sequence[Slot] | None, policies: Policies
) -> Verdict:
    """Judge a line beside the others of that person and day, at whatever school they are.

    Raises:
        DayIsFull: the day has no room for it.
        Missing: a policy is not known on the day that was worked.
    """
    here = [line, *(other for other in others if other.assignment_id == line.assignment_id)]
    facts = HoursFacts(
        day=line.worked_on,
        work_minutes=line.contact_minutes + line.preparation_minutes,
        travel_minutes=line.travel_minutes,
        lesson_minutes=sum(each.contact_minutes for each in here),
        with_a_lesson=line.contact_minutes + line.travel_minutes > 0,
        other_work_minutes=sum(other.contact_minutes + other.preparation_minutes for other in others),
        other_travel_minutes=sum(other.travel_minutes for other in others),
        repeated=any(other.spent == line.spent for other in others),
        planned_minutes=None if roster is None else week.minutes_on(roster, line.worked_on.isoweekday()),
    )
    verdict = hours.check(facts, policies)
    for reason in verdict.reasons:
        if reason.outcome is Outcome.BLOCK:
            raise DayIsFull(worked_on=line.worked_on.isoformat(), limit=reason.limit)
    return verdict
