"""What a ranking may know: the allow-list of a profile's fields, and inputs that make no sense."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from common.decision import MissingDependency
from common.errors import Invalid
from common.policy import Policies
from matching.profile.model.profile import CompanyHours, Employer, Profile
from matching.profile.model.week import Week
from matching.ranking.model.criteria import Criteria
from matching.vacancy.model.opening import Opening
from rules.qualification import Held
from tests.unit.matching.ranking.ranking_examples import COMPANY, POLICIES, TODAY, opening, trainer

MAY_COUNT = {
    "trainer_id", "paused", "consented", "subjects", "school_types", "forms", "availability",
    "engagements", "asked_on", "minutes_per_week", "months", "place", "postcode_area", "travel_limit_km", "languages",
    "held", "experience_years", "vog_issued_on", "company_id", "company_agreed", "company_hours", "company_place",
    "company_region", "employer_minutes", "quiet_weeks", "quiet", "region", "roles", "absences",
    "company_size",
}  # fmt: skip
"""Adding a field is a decision: never name, gender, age, nationality, ethnicity, health or target groups.

The size of the company is there to be counted in figures on fairness; a test ranks the same people under each."""


def test_a_profile_holds_nothing_that_may_not_count() -> None:
    assert {field.name for field in dataclasses.fields(Profile)} == MAY_COUNT
    assert {field.name for field in dataclasses.fields(Held)} == {"credential", "subjects", "expires_on"}
    assert {field.name for field in dataclasses.fields(CompanyHours)} == {"minutes_per_week", "weekdays"}
    assert not hasattr(trainer(), "__dict__"), "an attribute could be smuggled in"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"minutes_taken": -1}, "minutesTaken"),
        ({"minutes_taken": 10_081}, "minutesTaken"),
        ({"minutes_per_week": -1}, "minutesPerWeek"),
        ({"employer_minutes": 10_081}, "employerMinutesPerWeek"),
        ({"months": -1}, "months"),
        ({"travel_limit_km": -1}, "travelLimitKm"),
        ({"experience_years": -1}, "experienceYears"),
    ],
)
def test_a_profile_with_an_impossible_number_is_refused(other: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        trainer(**other)
    assert [param.name for param in refused.value.params] == [field]


@pytest.mark.parametrize(
    ("minutes", "weekdays", "field"),
    [(480, set(), "weekdays"), (480, {0}, "weekdays"), (0, {1}, "minutesPerWeek"), (1441, {1}, "minutesPerWeek")],
)
def test_company_hours_that_fit_into_no_week_are_refused(minutes: int, weekdays: set[int], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        CompanyHours(minutes_per_week=minutes, weekdays=frozenset(weekdays))
    assert [param.name for param in refused.value.params] == [field]


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"minutes_per_week": 0}, "minutesPerWeek"),
        ({"places": 0}, "places"),
        ({"months": 0}, "months"),
        ({"roster": Week()}, "roster"),
        ({"ends_on": date(2026, 1, 1)}, "endsOn"),
    ],
)
def test_an_impossible_opening_is_refused(other: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        opening(**other)
    assert [param.name for param in refused.value.params] == [field]


def test_a_roster_larger_than_the_minutes_asked_is_a_choice() -> None:
    assert opening(minutes_per_week=60).minutes_needed == 60
    assert opening(minutes_per_week=600).minutes_needed == 210
    assert opening(minutes_per_week=600, roster=None).minutes_needed == 600


@pytest.mark.parametrize(
    ("company", "agreed", "stand"),
    [
        (None, None, Employer.NONE),
        (None, False, Employer.NONE),
        (COMPANY, None, Employer.WILLING),
        (COMPANY, True, Employer.WILLING),
        (COMPANY, False, Employer.REFUSED),
    ],
)
def test_only_an_employer_that_said_no_refuses(company: UUID | None, agreed: bool | None, stand: Employer) -> None:  # noqa: FBT001 - a table
    assert trainer(company_id=company, company_agreed=agreed).employer is stand


@pytest.mark.parametrize(
    "code",
    [
        "matching.weights",
        "matching.bonuses",
        "matching.scoring",
        "matching.limits",
        "matching.subjects",
        "matching.road",
        "forms.guest",
    ],
)
def test_without_a_policy_row_nothing_is_ranked(code: str) -> None:
    fewer = Policies({known: rows for known, rows in POLICIES.rows.items() if known != code}, POLICIES.version)
    with pytest.raises(MissingDependency, match=code):
        Criteria.of(fewer, TODAY, TODAY)


def test_the_shipped_weights_are_those_of_the_programme() -> None:
    assert dict(POLICIES.on("matching.weights", TODAY).value) == {
        "subject": 30,
        "schoolType": 15,
        "availability": 20,
        "distance": 15,
        "extent": 10,
        "form": 10,
    }
    terms = POLICIES.on("matching.terms", TODAY).value
    assert (terms["proposalDays"], terms["reminderDays"], terms["draftDays"]) == (14, [7, 12], 30)
    assert terms["waitingDays"] > 0


def test_a_subject_is_related_to_all_in_its_groups_but_not_to_itself() -> None:
    related = Criteria.of(POLICIES, TODAY, TODAY).related
    assert {"pie", "installation"} <= related["electrical"]
    assert all(subject not in others for subject, others in related.items())
    assert all(subject in related[other] for subject, others in related.items() for other in others)


def test_an_opening_knows_its_order_of_forms() -> None:
    assert isinstance(opening(), Opening)
    assert [*opening(forms=()).first_forms] == [*opening(forms=()).accepted_forms]
