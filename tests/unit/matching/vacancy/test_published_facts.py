"""What registry says becomes what a ranking reads, without losing or inventing anything."""

from __future__ import annotations

import math
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid
from events.registry import VacancyChanged, VacancyFacts
from events.words import Absence, CompanySize, Form, HeldQualification, Slot, TeachingRole
from matching.profile.model.distance import Place
from matching.profile.model.engagement import engagements_of
from matching.profile.model.profile import CompanyHours, Employer
from matching.profile.model.published import consents_on, profile_of, row_of, state_of, week_of
from matching.profile.model.week import WEEK
from matching.vacancy.model.published import facts_of, months_between, opening_of
from matching.vacancy.model.reach import Box
from rules.qualification import Credential, Held
from tests.unit.matching.proposal.proposal_examples import FACTS, facts, state

TODAY = date(2026, 11, 2)
NEWEST = {
    "roles",
    "company_latitude",
    "company_longitude",
    "company_region",
    "company_size",
    "employer_minutes_per_week",
    "quiet_weeks",
    "absences",
}


def profile(**other: Any) -> Any:
    return profile_of(state(**other), engagements=(), day=TODAY)


def test_a_profile_is_taken_over_whole() -> None:
    taken = profile_of(state(), engagements=engagements_of(None, 90), day=TODAY)
    assert (taken.paused, taken.consented, taken.minutes_taken, taken.minutes_per_week) == (False, True, 90, 210)
    assert taken.availability.minutes == 210
    assert taken.company_hours == CompanyHours(minutes_per_week=1920, weekdays=frozenset({1, 2, 3, 4}))
    assert taken.held == (Held(credential=Credential.PDG),)
    assert (taken.forms, taken.travel_limit_km, taken.postcode_area) == ((Form.SECONDMENT, Form.GUEST), 40, "3511")


def test_a_consent_ends_with_its_last_day() -> None:
    until = state(consent_until=TODAY)
    assert consents_on(until, TODAY)
    assert not consents_on(until, date(2026, 11, 3))
    assert not profile(consent_until=None).consented


@pytest.mark.parametrize("status", ["intake", "paused"])
def test_only_who_is_available_is_available(status: str) -> None:
    assert profile(status=status).paused


def test_an_employer_that_has_not_agreed_yet_has_not_refused() -> None:
    assert profile(employer_agreed=False).employer is Employer.WILLING
    assert profile(company_id=None).employer is Employer.NONE
    assert profile(company_id=None).company_hours is None
    assert profile(company_minutes_per_week=0).company_hours is None


def test_only_verified_credentials_that_a_rule_knows_count() -> None:
    qualifications = [
        HeldQualification(code="teacher_grade_2", subject="electrical", verified=True, valid_until=date(2030, 1, 1)),
        HeldQualification(code="pdg", verified=False),
        HeldQualification(code="swimming", verified=True),
    ]
    assert profile(qualifications=qualifications, in_training=True).held == (
        Held(
            credential=Credential.TEACHER_GRADE_2,
            subjects=frozenset({"electrical"}),
            expires_on=date(2030, 1, 1),
        ),
        Held(credential=Credential.IN_TRAINING),
    )


def test_wanted_roles_and_the_place_of_the_company_are_taken_over() -> None:
    taken = profile(roles=[TeachingRole.TEACHER], company_latitude=52.5, company_longitude=6.1, company_region="AM05")
    assert (taken.roles, taken.company_place) == (frozenset({TeachingRole.TEACHER}), Place.at(52.5, 6.1))
    assert (taken.region, taken.company_region) == ("AM13", "AM05")
    assert profile().roles == frozenset()


def test_the_limit_of_an_employer_is_taken_over_and_is_none_without_one() -> None:
    assert profile(company_size=CompanySize.SMALL).company_size is CompanySize.SMALL
    assert profile(employer_minutes_per_week=240).employer_minutes == 240
    assert profile(employer_minutes_per_week=240, company_id=None).employer_minutes is None
    assert state_of(row_of(state(employer_minutes_per_week=240))).employer_minutes_per_week == 240


def test_absences_are_taken_over_in_their_order() -> None:
    first, second = date(2027, 3, 1), date(2027, 5, 3)
    stated = [Absence(from_=second, until=second), Absence(from_=first, until=first)]
    assert [each.first_day for each in profile(absences=stated).absences] == [first, second]
    with pytest.raises(Invalid, match="must not be before the start"):
        profile(absences=[Absence(from_=second, until=first)])


def test_the_municipality_and_the_days_without_lessons_are_taken_over() -> None:
    taken = opening_of(facts(municipality="Wageningen", days_without_lessons=[date(2027, 3, 1)]))
    assert taken is not None
    assert (taken.municipality, taken.days_without_lessons) == ("Wageningen", (date(2027, 3, 1),))


@pytest.mark.parametrize("missing", ["company_id", "company_latitude", "company_longitude"])
def test_a_company_without_a_known_place_has_none(missing: str) -> None:
    assert profile(**{"company_latitude": 52.5, "company_longitude": 6.1, missing: None}).company_place is None


def test_a_state_stored_before_the_roles_were_there_is_read_and_stored_as_before() -> None:
    """The process of the version before reads what is stored now, and what comes again changes nothing."""
    before = state().model_dump(mode="json", exclude=NEWEST)
    assert row_of(state()) == before
    assert state_of(before) == state()
    wishes = state(roles=[TeachingRole.SUPPORT], company_latitude=52.5, company_longitude=6.1, company_region="AM05")
    assert state_of(row_of(wishes)) == wishes


def test_no_wish_is_no_limit_and_a_week_has_an_end() -> None:
    assert profile(desired_minutes_per_week=0).minutes_per_week is None
    assert profile_of(state(), engagements=engagements_of(None, 99_999), day=TODAY).minutes_taken == WEEK


def test_the_reach_of_a_trainer_is_around_home_and_around_the_company() -> None:
    """Seen red: a vacancy beside the company, far from home, was not looked at."""
    place = {"company_latitude": 53.2194, "company_longitude": 6.5665}
    home, both = Box.reached_by(profile()), Box.reached_by(profile(**place))
    assert home == Box.around(Place.at(52.0907, 5.1214), 40)
    company = Box.around(Place.at(53.2194, 6.5665), 40)
    assert (both.south, both.north, both.west, both.east) == (home.south, company.north, home.west, company.east)


def test_hours_that_fit_into_no_week_are_refused() -> None:
    with pytest.raises(Invalid, match="minutesPerWeek"):
        profile(company_minutes_per_week=1500, company_days=[1])


def test_a_slot_across_midnight_is_two_stretches() -> None:
    friday = week_of([Slot(day=5, starts=time(22), ends=time(1, 30))])
    assert [str(slot) for slot in friday.slots] == ["5 22:00-24:00", "6 00:00-01:30"]
    sunday = week_of([Slot(day=7, starts=time(23), ends=time(0))])
    assert [str(slot) for slot in sunday.slots] == ["7 23:00-24:00"]
    over_the_week_s_end = week_of([Slot(day=7, starts=time(23), ends=time(2))])
    assert [str(slot) for slot in over_the_week_s_end.slots] == ["1 00:00-02:00", "7 23:00-24:00"]


def test_a_vacancy_is_taken_over_whole() -> None:
    opening = opening_of(FACTS)
    assert opening is not None
    assert (opening.months, opening.minutes_needed, opening.supervised, opening.places) == (6, 210, True, 1)
    assert (opening.region, opening.weekdays) == ("AM13", frozenset({2}))
    assert opening.place == Place.at(52.0907, 5.1214)


def test_a_vacancy_may_be_open_in_time_and_roster() -> None:
    opening = opening_of(facts(ends_on=None, roster=None, supervisor_id=None))
    assert opening is not None
    assert (opening.months, opening.roster, opening.supervised) == (None, None, False)
    flexible = opening_of(facts(roster=[]))
    assert flexible is not None
    assert (flexible.roster, flexible.weekdays) == (None, frozenset())


@pytest.mark.parametrize("unknown", [{"latitude": None}, {"longitude": None}])
def test_a_vacancy_without_a_place_cannot_be_ranked(unknown: dict[str, None]) -> None:
    assert opening_of(facts(**unknown)) is None


def test_every_event_with_the_same_facts_says_the_same() -> None:
    changed = VacancyChanged(**dict(FACTS))
    assert facts_of(changed) == FACTS
    assert type(facts_of(changed)) is VacancyFacts


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2027, 2, 1), date(2027, 2, 1), 1),
        (date(2027, 2, 1), date(2027, 2, 28), 1),
        (date(2027, 2, 15), date(2027, 3, 14), 1),
        (date(2027, 2, 15), date(2027, 3, 15), 2),
        (date(2027, 2, 1), date(2027, 7, 9), 6),
        (date(2026, 8, 1), date(2028, 7, 31), 24),
    ],
)
def test_months_are_those_that_a_period_touches(first: date, last: date, months: int) -> None:
    assert months_between(first, last) == months


PLACES = st.builds(
    Place, latitude=st.integers(-90_000_000, 90_000_000), longitude=st.integers(-180_000_000, 180_000_000)
)


@given(PLACES, PLACES, st.integers(0, 400))
def test_a_box_holds_everything_in_reach(here: Place, there: Place, kilometres: int) -> None:
    if here.kilometres_to(there) <= kilometres:
        assert _holds(Box.around(here, kilometres), there)


@given(PLACES, st.integers(0, 400), st.floats(0, 2 * math.pi), st.floats(0, 1))
def test_a_box_holds_what_lies_that_far_in_any_direction(
    here: Place, kilometres: int, direction: float, part: float
) -> None:
    angle = part * kilometres / 6371.0088
    latitude, longitude = math.radians(here.latitude / 1e6), math.radians(here.longitude / 1e6)
    north = math.asin(
        min(
            1,
            max(-1, math.sin(latitude) * math.cos(angle) + math.cos(latitude) * math.sin(angle) * math.cos(direction)),
        )
    )
    east = longitude + math.atan2(
        math.sin(direction) * math.sin(angle) * math.cos(latitude),
        math.cos(angle) - math.sin(latitude) * math.sin(north),
    )
    wrapped = (math.degrees(east) + 180) % 360 - 180
    assert _holds(Box.around(here, kilometres), Place.at(math.degrees(north), wrapped))


def _holds(box: Box, place: Place) -> bool:
    latitude, longitude = place.latitude / 1e6, place.longitude / 1e6
    return box.south <= latitude <= box.north and box.west <= longitude <= box.east


def test_a_box_in_the_netherlands_leaves_the_rest_out() -> None:
    box = Box.around(Place.at(52.0907, 5.1214), 40)
    assert not _holds(box, Place.at(53.2194, 6.5665))
    assert box.north - box.south < 0.8
    assert box.east - box.west < 1.25


@pytest.mark.parametrize("structural", [True, False])
def test_a_vacancy_says_whether_its_work_comes_back(structural: bool) -> None:  # noqa: FBT001 - the two answers
    found = opening_of(facts(structural=structural))
    assert found is not None
    assert found.structural is structural
