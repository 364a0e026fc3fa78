"""The law at ranking time: eligibility for the role, a VOG that can be there, working time beside the main job."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from common.decision import MissingDependency, Outcome, Reason
from common.policy import Policies
from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.week import Slot, Week
from matching.ranking.model.assessment import Assessment, Side, Standing
from matching.ranking.model.capacity import lessons
from matching.ranking.model.screening import HardRule
from matching.vacancy.model.opening import Opening
from rules.forms import Form, SchoolType, TeachingRole
from rules.qualification import Credential, Held
from tests.unit.matching.ranking.ranking_examples import (
    COMPANY,
    POLICIES,
    TODAY,
    TUESDAY_MORNING,
    WHOLE_YEAR,
    opening,
    proposable,
    ranked,
    trainer,
)

TEACHER = opening(school_type=SchoolType.MBO, role=TeachingRole.TEACHER)
SOON = opening(starts_on=date(2026, 11, 16))
FULL_TIME = CompanyHours(minutes_per_week=2400, weekdays=frozenset(range(1, 6)))


def explained(place: Opening, person: Profile, policies: Policies = POLICIES) -> Assessment:
    return ranked(place, person, policies=policies).explain(person.trainer_id)


def reason(assessment: Assessment, rule: str) -> Reason:
    return next(each for each in assessment.verdict.reasons if each.rule == rule)


def failed(place: Opening, person: Profile) -> HardRule:
    return HardRule(int(ranked(place, person).failed[0]))


def test_a_teacher_in_mbo_needs_a_ground() -> None:
    found = explained(TEACHER, trainer())
    assert failed(TEACHER, trainer()) == HardRule.ELIGIBILITY
    assert found.standing is Standing.REJECTED
    assert {(hint.by, hint.change) for hint in found.hints} == {(Side.TRAINER, "qualify"), (Side.SCHOOL, "offer-role")}
    assert ("qualify", "pdg") in {(hint.change, hint.needed) for hint in found.hints}
    assert ("offer-role", "guest_lecturer") in {(hint.change, hint.needed) for hint in found.hints}
    qualified = trainer(held=(Held(credential=Credential.PDG),))
    assert proposable(ranked(TEACHER, qualified)) == [1]


def test_a_credential_that_expires_before_the_start_is_none() -> None:
    held = (Held(credential=Credential.PDG, expires_on=date(2027, 1, 31)),)
    assert failed(TEACHER, trainer(held=held)) == HardRule.ELIGIBILITY


def test_more_minutes_than_the_guest_cap_is_nobodys_place() -> None:
    place, person = (
        opening(minutes_per_week=361, roster=None, **WHOLE_YEAR),
        trainer(availability=Week.of([(2, 0, 400)])),
    )
    assert failed(place, person) == HardRule.ELIGIBILITY
    higher = POLICIES.with_value("qualification.ground.guest", maxMinutesPerWeek=480, maxMinutesPerSchoolYear=40 * 480)
    assert proposable(ranked(place, person, policies=higher)) == [1]


def test_above_the_guest_cap_the_school_may_ask_less_or_offer_another_role() -> None:
    place, person = (
        opening(minutes_per_week=480, roster=None, **WHOLE_YEAR),
        trainer(availability=Week.of([(2, 0, 480)])),
    )
    hints = explained(place, person).hints
    assert (Side.SCHOOL, "ask-minutes", 480, 360) in {
        (hint.by, hint.change, hint.current, hint.needed) for hint in hints
    }
    assert (Side.SCHOOL, "offer-role", "support") in {(hint.by, hint.change, hint.needed) for hint in hints}


def test_upper_years_ask_for_grade_1() -> None:
    person = trainer(held=(Held(credential=Credential.TEACHER_GRADE_2, subjects=frozenset({"electrical"})),))
    lower = opening(role=TeachingRole.TEACHER)
    assert reason(explained(lower, person), "QUALIFIED").outcome is Outcome.PASS
    assert "QUALIFIED" not in {
        each.rule
        for each in explained(replace(lower, upper_years=True), person).verdict.reasons
        if each.outcome is Outcome.PASS
    }


def test_a_guest_lecturer_without_a_supervisor_is_a_warning() -> None:
    assert reason(explained(opening(supervised=False), trainer()), "SUPERVISOR").outcome is Outcome.WARN
    assert "SUPERVISOR" not in {each.rule for each in explained(opening(), trainer()).verdict.reasons}


@pytest.mark.parametrize(
    ("issued_on", "fails"), [(None, True), (date(2026, 5, 3), True), (date(2026, 5, 4), False), (TODAY, False)]
)
def test_a_start_too_soon_for_a_new_vog_needs_one_that_is_young_enough(issued_on: date | None, fails: bool) -> None:  # noqa: FBT001 - a table
    """In vo 26 weeks on the day on which it is shown, which is today at the earliest."""
    person = trainer(vog_issued_on=issued_on)
    assert failed(SOON, person) == (HardRule.VOG if fails else HardRule(0))


def test_a_late_vog_is_answered_with_a_later_start() -> None:
    (hint,) = explained(SOON, trainer()).hints
    assert (hint.by, hint.change, hint.current, hint.needed) == (
        Side.SCHOOL,
        "start-later",
        "2026-11-16",
        "2026-11-30",
    )
    assert proposable(ranked(opening(starts_on=date(2026, 11, 30)), trainer())) == [1]


def test_a_start_in_the_past_is_judged_as_from_today() -> None:
    running = opening(starts_on=date(2026, 9, 1))
    assert failed(running, trainer()) == HardRule.VOG
    assert failed(running, trainer(vog_issued_on=date(2026, 5, 3))) == HardRule.VOG
    assert failed(running, trainer(vog_issued_on=date(2026, 5, 4))) == HardRule(0)


def test_an_opening_that_has_ended_is_judged_for_one_day() -> None:
    over = opening(starts_on=date(2026, 9, 1), ends_on=date(2026, 10, 1))
    assert proposable(ranked(over, trainer(vog_issued_on=TODAY))) == [1]


@pytest.mark.parametrize("months", [None, 3])
def test_without_a_last_day_the_months_or_a_year_count(months: int | None) -> None:
    # 14,400 minutes a school year is 40 weeks of 360.
    yearly = POLICIES.with_value("qualification.ground.guest", maxMinutesPerSchoolYear=15 * 210)
    place = opening(ends_on=None, months=months)
    assert explained(place, trainer(), yearly).verdict.ok == (months == 3)


EVENING = Week.of([(2, 1080, 1380)])


def at_work(**other: Any) -> Profile:
    return trainer(company_id=COMPANY, company_hours=FULL_TIME, **other)


def test_an_evening_after_a_full_day_is_too_long_a_shift() -> None:
    late = opening(forms=(Form.DUAL_EMPLOYMENT,), roster=Week.of([(2, 1020, 1320)]), minutes_per_week=300)
    person = at_work(availability=Week.of([(2, 1020, 1320)]))
    assert failed(late, person) == HardRule.WORKING_TIME
    hints = {(hint.by, hint.change, hint.needed) for hint in explained(late, person).hints}
    assert (Side.SCHOOL, "ask-minutes", 210) in hints, "720 minutes at most, of which 510 are at the company"
    assert (Side.SCHOOL, "accept-form", "self_employed") in hints, "which the law on working time only advises"
    assert (Side.SCHOOL, "accept-form", "secondment") not in hints, "an evening lies outside the company's hours"


def test_lessons_within_the_companys_hours_add_nothing_when_seconded() -> None:
    long_days = opening(
        forms=(Form.SECONDMENT,),
        roster=Week.of([(1, 510, 990), (2, 510, 990)]),
        role=TeachingRole.SUPPORT,
        minutes_per_week=960,
    )
    person = at_work(availability=Week.of([(1, 510, 990), (2, 510, 990)]))
    assert proposable(ranked(long_days, person)) == [1]
    own_contract = replace(long_days, forms=(Form.DUAL_EMPLOYMENT,))
    assert failed(own_contract, person) == HardRule.WORKING_TIME
    hints = explained(own_contract, person).hints
    assert {hint.rule for hint in hints} == {"WORKING_TIME"}
    assert (Side.SCHOOL, "accept-form", "secondment") in {(hint.by, hint.change, hint.needed) for hint in hints}


def test_a_form_in_which_it_fits_is_enough() -> None:
    both = opening(
        forms=(Form.DUAL_EMPLOYMENT, Form.SECONDMENT),
        roster=Week.of([(1, 510, 990), (2, 510, 990)]),
        role=TeachingRole.SUPPORT,
        minutes_per_week=960,
    )
    person = at_work(availability=Week.of([(1, 510, 990), (2, 510, 990)]))
    (found,) = ranked(both, person).shortlist
    assert reason(found, "WORKING_TIME_FORM").measured == Form.SECONDMENT
    choosy = replace(person, forms=(Form.DUAL_EMPLOYMENT,))
    assert failed(both, choosy) == HardRule.WORKING_TIME


def test_the_weeks_at_the_company_before_the_lessons_count_in_the_mean() -> None:
    """Three weeks of lessons end a window of sixteen: thirteen of 46 hours, three with five hours more."""
    place = opening(
        role=TeachingRole.SUPPORT, forms=(Form.DUAL_EMPLOYMENT,), ends_on=date(2027, 2, 21), minutes_per_week=300
    )
    place = replace(place, roster=Week.of([(6, 540, 840)]))
    hours = CompanyHours(minutes_per_week=2760, weekdays=frozenset(range(1, 6)))
    person = replace(at_work(availability=Week.of([(6, 540, 840)])), company_hours=hours)
    assert reason(explained(place, person), "R4").measured == Decimal(13 * 2760 + 3 * 3060) / 16


def test_minutes_taken_elsewhere_count() -> None:
    place = opening(role=TeachingRole.SUPPORT, forms=(Form.DUAL_EMPLOYMENT,))
    days = [(day, 0, 1440) for day in (2, 6)]
    assert failed(place, at_work(availability=Week.of(days), minutes_per_week=None)) == HardRule(0)
    assert (
        failed(place, at_work(availability=Week.of(days), minutes_per_week=None, minutes_taken=600))
        == HardRule.WORKING_TIME
    )


def test_taken_minutes_that_do_not_fit_the_availability_are_spread_over_the_week() -> None:
    found = explained(opening(), trainer(minutes_taken=2000))
    assert reason(found, "R2").measured == 2000 + 210


def test_unknown_company_hours_are_said() -> None:
    person = trainer(company_id=COMPANY, company_hours=None)
    assert reason(explained(opening(), person), "COMPANY_HOURS_UNKNOWN").outcome is Outcome.WARN
    assert "COMPANY_HOURS_UNKNOWN" not in {each.rule for each in explained(opening(), trainer()).verdict.reasons}


def test_without_any_common_form_the_possible_ones_are_judged() -> None:
    found = explained(opening(forms=(Form.GUEST,)), at_work(forms=(Form.SECONDMENT,)))
    assert reason(found, "WORKING_TIME_FORM").measured == Form.GUEST
    impossible = explained(opening(forms=(Form.SECONDMENT,)), trainer())
    assert reason(impossible, "WORKING_TIME_FORM").measured == Form.SECONDMENT


def test_lessons_are_the_first_shared_minutes_up_to_the_need() -> None:
    week = Week.of([(2, 540, 600), (2, 660, 1440), (4, 0, 60)])
    assert lessons(opening(minutes_per_week=90), week) == (
        Slot(weekday=2, start=540, end=600),
        Slot(weekday=2, start=660, end=690),
    )
    assert lessons(opening(roster=None, minutes_per_week=880), week)[-1] == Slot(weekday=4, start=0, end=40)


def test_an_evening_until_midnight_is_judged_as_such() -> None:
    place = opening(roster=Week.of([(2, 1080, 1440)]), minutes_per_week=360)
    (found,) = ranked(place, trainer(availability=Week.of([(2, 1080, 1440)]))).shortlist
    assert reason(found, "R1").measured == 360


def test_without_its_policy_the_law_decides_nothing() -> None:
    fewer = Policies({code: rows for code, rows in POLICIES.rows.items() if code != "vog"}, POLICIES.version)
    with pytest.raises(MissingDependency, match="vog"):
        ranked(opening(), trainer(availability=TUESDAY_MORNING), policies=fewer)
