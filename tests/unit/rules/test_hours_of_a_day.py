"""Hours of one day against what a day has room for, the calendar and the roster."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.decision import Outcome
from common.policy import Policies
from rules import hours
from rules.hours import HoursFacts

FACTS = HoursFacts(
    day=date(2027, 2, 2),
    work_minutes=150,
    travel_minutes=30,
    lesson_minutes=120,
    with_a_lesson=True,
    planned_minutes=210,
)


def _outcomes(policies: Policies, **other: Any) -> dict[str, Outcome]:
    return {reason.rule: reason.outcome for reason in hours.check(replace(FACTS, **other), policies).reasons}


@pytest.mark.parametrize(
    ("other", "rule", "outcome"),
    [
        ({"other_work_minutes": 570}, "HOURS_DAY", Outcome.PASS),
        ({"other_work_minutes": 571}, "HOURS_DAY", Outcome.REVIEW),
        ({"other_travel_minutes": 1260}, "HOURS_DAY", Outcome.PASS),
        ({"other_travel_minutes": 1261}, "HOURS_DAY", Outcome.BLOCK),
        ({"repeated": True}, "HOURS_REPEATED", Outcome.REVIEW),
        ({"day": date(2027, 5, 6)}, "HOURS_HOLIDAY", Outcome.REVIEW),
        ({"planned_minutes": None}, "HOURS_PLANNED", Outcome.PASS),
        ({"planned_minutes": 120}, "HOURS_PLANNED", Outcome.PASS),
        ({"planned_minutes": 119}, "HOURS_PLANNED", Outcome.REVIEW),
        ({"planned_minutes": 0, "lesson_minutes": 0}, "HOURS_PLANNED", Outcome.REVIEW),
        ({"planned_minutes": 0, "with_a_lesson": False}, "HOURS_PLANNED", Outcome.PASS),
    ],
)
def test_one_thing_is_remarked_on_and_nothing_else(
    policies: Policies, other: dict[str, Any], rule: str, outcome: Outcome
) -> None:
    expected = dict.fromkeys(("HOURS_DAY", "HOURS_REPEATED", "HOURS_HOLIDAY", "HOURS_PLANNED"), Outcome.PASS)
    assert _outcomes(policies, **other) == {**expected, rule: outcome}


@pytest.mark.parametrize(
    "day",
    [
        "2027-01-01", "2027-03-26", "2027-03-29", "2027-04-27", "2027-05-05", "2027-05-06", "2027-05-17",
        "2027-12-25", "2027-12-26", "2025-04-26",
    ],
)  # fmt: skip
def test_a_day_that_the_law_names_is_a_holiday(policies: Policies, day: str) -> None:
    on = date.fromisoformat(day)
    assert hours.is_holiday(on, policies.on("hours.holidays", on).value)


@pytest.mark.parametrize("day", ["2027-02-02", "2025-04-27", "2027-04-26", "2027-05-16"])
def test_another_day_is_not(policies: Policies, day: str) -> None:
    on = date.fromisoformat(day)
    assert not hours.is_holiday(on, policies.on("hours.holidays", on).value)


@pytest.mark.parametrize("day", ["2000-04-23", "2008-03-23", "2024-03-31", "2025-04-20", "2027-03-28", "2038-04-25"])
def test_easter_is_when_it_was_and_will_be(day: str) -> None:
    assert hours.easter(date.fromisoformat(day).year) == date.fromisoformat(day)


@given(st.integers(1900, 2200))
def test_easter_is_a_sunday_of_spring(year: int) -> None:
    day = hours.easter(year)
    assert (day.isoweekday(), date(year, 3, 22) <= day <= date(year, 4, 25)) == (7, True)
