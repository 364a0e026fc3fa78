"""Working time where the calendar is awkward: clock changes, New Year, a start in mid-window, nights."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from common.decision import Outcome, Reason
from common.policy import Policies
from rules.forms import Form
from rules.roster import AMSTERDAM, WorkInterval
from rules.working_time import WorkingTimeFacts, check


def work(begins: str, ends: str, employer: str = "company", form: Form | None = None) -> WorkInterval:
    """Work from one Amsterdam moment to another, such as 2026-03-28T22:00."""
    return WorkInterval(
        starts_at=datetime.fromisoformat(begins).replace(tzinfo=AMSTERDAM),
        ends_at=datetime.fromisoformat(ends).replace(tzinfo=AMSTERDAM),
        employer=employer,
        form=form,
    )


def reason(policies: Policies, rule: str, *intervals: WorkInterval) -> Reason:
    verdict = check(WorkingTimeFacts(day=date(2026, 9, 1), intervals=intervals), policies)
    return next(reason for reason in verdict.reasons if reason.rule == rule)


def full_days(first: date, count: int) -> list[WorkInterval]:
    every = (first + timedelta(days=offset) for offset in range(count))
    return [work(f"{day}T08:00", f"{day}T19:00") for day in every if day.isoweekday() <= 5]


@pytest.mark.parametrize(
    ("night", "shift"), [("2026-03-28", 12 * 60), ("2026-10-24", 14 * 60), ("2026-06-06", 13 * 60)], ids=str
)
def test_a_night_shift_over_a_clock_change_has_its_real_length(policies: Policies, night: str, shift: int) -> None:
    morning = date.fromisoformat(night) + timedelta(days=1)
    found = reason(policies, "R1", work(f"{night}T18:00", f"{morning}T07:00"))
    assert found.measured == shift
    assert found.outcome is (Outcome.PASS if shift <= 720 else Outcome.BLOCK)


@pytest.mark.parametrize(
    ("evening", "rest", "outcome"),
    [("2026-03-28", 420, Outcome.BLOCK), ("2026-10-24", 540, Outcome.PASS), ("2026-06-06", 480, Outcome.PASS)],
    ids=str,
)
def test_the_rest_of_a_night_is_shorter_in_spring_and_longer_in_autumn(
    policies: Policies, evening: str, rest: int, outcome: Outcome
) -> None:
    morning = date.fromisoformat(evening) + timedelta(days=1)
    found = reason(
        policies, "R5", work(f"{evening}T20:00", f"{evening}T23:00"), work(f"{morning}T07:00", f"{morning}T15:00")
    )
    assert (found.measured, found.outcome) == (rest, outcome)


def test_the_week_of_a_clock_change_ends_on_sunday_midnight_in_amsterdam(policies: Policies) -> None:
    # 25 October 2026 has 25 hours: the last of them is still that Sunday's.
    found = reason(policies, "R2", work("2026-10-25T22:00", "2026-10-26T03:00"))
    assert (found.measured, found.period) == (180, "2026-W44")


def test_work_over_sunday_midnight_is_split_over_two_weeks(policies: Policies) -> None:
    found = reason(policies, "R2", work("2026-09-13T20:00", "2026-09-14T02:00"))
    assert (found.measured, found.period) == (240, "2026-W37")


def test_a_week_over_new_year_is_one_week(policies: Policies) -> None:
    days = ("2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02")
    found = reason(policies, "R2", *(work(f"{day}T08:00", f"{day}T18:01") for day in days))
    assert (found.outcome, found.measured, found.period) == (Outcome.BLOCK, 3606, "2026-W53")


def test_an_overnight_shift_is_one_shift(policies: Policies) -> None:
    found = reason(policies, "R1", work("2026-12-31T21:00", "2027-01-01T05:00"))
    assert (found.measured, found.period) == (480, "2026-12-31T21:00+01:00/2027-01-01T05:00+01:00")


@pytest.mark.parametrize(("rule", "weeks"), [("R3", 4), ("R4", 16)])
def test_work_that_starts_in_mid_window_is_divided_by_all_its_weeks(policies: Policies, rule: str, weeks: int) -> None:
    found = reason(policies, rule, *full_days(date(2026, 9, 7), 14))
    assert found.measured == Decimal(2 * 5 * 660) / weeks


def test_weeks_without_work_are_part_of_the_mean(policies: Policies) -> None:
    found = reason(policies, "R3", *full_days(date(2026, 9, 7), 7), *full_days(date(2026, 9, 28), 7))
    assert found.measured == Decimal(2 * 3300) / 4
    assert found.period == "4 weeks to 2026-W40"


def test_the_worst_window_is_found_and_not_the_last(policies: Policies) -> None:
    found = reason(policies, "R3", *full_days(date(2026, 6, 1), 28), *full_days(date(2026, 9, 7), 7))
    assert (found.measured, found.period) == (Decimal(3300), "4 weeks to 2026-W26")


def test_an_evening_course_before_an_early_shift_is_a_short_rest(policies: Policies) -> None:
    course = work("2026-09-07T19:00", "2026-09-07T22:00", "school", Form.DUAL_EMPLOYMENT)
    once: list[Any] = [course, work("2026-09-08T07:00", "2026-09-08T15:00")]
    assert reason(policies, "R5", *once).outcome is Outcome.PASS
    twice = [
        *once,
        work("2026-09-09T19:00", "2026-09-09T22:00", "school", Form.DUAL_EMPLOYMENT),
        work("2026-09-10T07:00", "2026-09-10T15:00"),
    ]
    assert reason(policies, "R5", *twice).outcome is Outcome.BLOCK


def test_a_weekly_evening_course_beside_a_full_job_is_allowed_all_year(policies: Policies) -> None:
    every = [date(2026, 8, 3) + timedelta(days=offset) for offset in range(364)]
    job = [work(f"{day}T08:30", f"{day}T17:00") for day in every if day.isoweekday() <= 5]
    course = [
        work(f"{day}T19:00", f"{day}T22:00", "school", Form.DUAL_EMPLOYMENT) for day in every if day.isoweekday() == 2
    ]
    found = reason(policies, "R5", *job, *course)
    assert (found.outcome, found.measured, found.limit) == (Outcome.PASS, 630, 480)
    assert check(WorkingTimeFacts(day=every[0], intervals=(*job, *course)), policies).ok


def test_seconds_are_rounded_so_that_no_limit_is_passed_unseen(policies: Policies) -> None:
    found = reason(policies, "R1", work("2026-09-07T08:00:30", "2026-09-07T20:00:30"))
    assert (found.outcome, found.measured) == (Outcome.BLOCK, 721)
