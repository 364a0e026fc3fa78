"""An offer: what it lacks, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.words import Absence, Form, SchoolType, Slot, TeachingRole
from registry.trainer.model.profile import Profile
from rules import weekly as week
from tests.unit.registry.registry_examples import PROFILE

KNOWN = {"installation", "pie"}
AWAY = Absence(from_=date(2027, 3, 1), until=date(2027, 3, 1))


@pytest.mark.parametrize(
    ("changes", "employed", "where", "code"),
    [
        ({"trades": ("installation", "alchemy")}, True, "trades.1", "unknown"),
        ({"forms": (Form.GUEST, Form.SECONDMENT)}, True, "forms.1", "needs-employer"),
        ({"trades": ("pie", "pie")}, True, "trades", "repeated"),
        ({"school_types": (SchoolType.VO,) * 2}, True, "schoolTypes", "repeated"),
        ({"roles": (TeachingRole.TEACHER,) * 2}, True, "roles", "repeated"),
        ({"languages": ("nl", "nl")}, True, "languages", "repeated"),
        ({"availability": (Slot(day=1, starts=time(9), ends=time(9)),)}, True, "availability.0", "empty"),
        ({"availability": PROFILE.availability * 2}, True, "availability", "overlap"),
        (
            {"absences": (AWAY, AWAY.model_copy(update={"until": date(2027, 2, 28)}))},
            True,
            "absences.1.until",
            "out-of-order",
        ),
        ({}, False, "companyMinutesPerWeek", "no-company"),
        ({"company_days": ()}, True, "companyDays", "incomplete"),
        ({"company_minutes_per_week": 0}, True, "companyDays", "incomplete"),
        ({"company_days": (1,), "company_minutes_per_week": 1441}, True, "companyMinutesPerWeek", "too-much"),
    ],
)
def test_impossible_values_are_refused_by_field(changes: dict[str, Any], employed: bool, where: str, code: str) -> None:  # noqa: FBT001 - a case
    faults = replace(PROFILE, **changes).faults(employed=employed, known_trades=KNOWN, feasible={Form.GUEST})
    assert [(fault.name, fault.code) for fault in faults] == [(where, code)]


def test_possible_values_are_accepted() -> None:
    assert PROFILE.faults(employed=True, known_trades=KNOWN, feasible={Form.GUEST}) == []
    alone = replace(PROFILE, company_minutes_per_week=0, company_days=(), absences=(AWAY,))
    assert alone.faults(employed=False, known_trades=KNOWN, feasible={Form.GUEST}) == []


def test_an_empty_offer_lacks_everything_that_is_needed_to_be_proposed() -> None:
    assert PROFILE.gaps() == ()
    assert set(Profile().gaps()) == {
        "trades",
        "schoolTypes",
        "forms",
        "availability",
        "desiredMinutesPerWeek",
        "travelKm",
        "languages",
    }


def slot(day: int, starts: int, ends: int) -> Slot:
    return Slot(day=day, starts=time(starts % 24), ends=time(ends % 24))


@pytest.mark.parametrize(
    ("slots", "minutes", "overlap"),
    [
        ([slot(1, 9, 12), slot(1, 12, 13)], 240, False),
        ([slot(1, 9, 12), slot(1, 11, 13)], 300, True),
        ([slot(1, 22, 2), slot(2, 1, 3)], 360, True),
        ([slot(7, 22, 2), slot(1, 1, 3)], 360, True),
        ([slot(7, 22, 1), slot(1, 1, 3)], 300, False),
        ([slot(3, 8, 8)], 1440, False),
        ([], 0, False),
    ],
)
def test_a_week_goes_round(slots: list[Slot], minutes: int, overlap: bool) -> None:  # noqa: FBT001 - a case
    assert week.minutes(slots) == minutes
    assert week.overlapping(slots) is overlap
    assert week.overlapping(slots[::-1]) is overlap


@given(st.lists(st.builds(slot, st.integers(1, 7), st.integers(0, 23), st.integers(0, 23)), max_size=6))
def test_slots_overlap_exactly_when_some_minute_is_taken_twice(slots: list[Slot]) -> None:
    taken = [
        (((one.day - 1) * 24 + one.starts.hour) * 60 + minute) % week.WEEK
        for one in slots
        for minute in range(week.minutes([one]))
    ]
    assert week.overlapping(slots) == (len(set(taken)) < len(taken))
