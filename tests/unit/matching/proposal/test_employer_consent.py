"""The employer is a party where it lends the trainer, must sign, or the lessons lie in its hours; else it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest

from events.words import Form, Party
from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.week import Week
from matching.proposal.model.employer import EmployerConsent, company_week, in_company_time
from matching.proposal.model.status import Status
from matching.ranking.model.criteria import Criteria
from rules.forms import SigningFacts, signatories
from tests.unit.matching.proposal.proposal_examples import proposal
from tests.unit.matching.ranking.ranking_examples import POLICIES, TODAY, opening, trainer

CONSENT: Final = EmployerConsent.of(POLICIES, TODAY)
COMPANY: Final = UUID(int=77)
TUESDAY_MORNING: Final = Week.of([(2, 540, 720)])
TUESDAY_EVENING: Final = Week.of([(2, 1140, 1320)])
AT_WORK: Final = Week.of([(2, 480, 1020)])


def criteria(**other: Any) -> Criteria:
    return replace(Criteria.of(POLICIES, TODAY, max(opening().starts_on, TODAY)), **other)


def employed(week: Week, *days: int) -> Profile:
    hours = CompanyHours(minutes_per_week=480 * len(days), weekdays=frozenset(days)) if days else None
    return trainer(1, company_id=COMPANY, company_hours=hours, availability=week)


def asks(form: Form, profile: Profile, roster: Week | None = TUESDAY_MORNING) -> bool:
    return CONSENT.needed(form, opening(roster=roster, minutes_per_week=180), profile, criteria())


@pytest.mark.parametrize("form", [Form.SECONDMENT, Form.DUAL_EMPLOYMENT])
def test_the_employer_is_asked_where_the_form_needs_it(form: Form) -> None:
    assert asks(form, employed(TUESDAY_MORNING, 4))


@pytest.mark.parametrize("form", [Form.GUEST, Form.SELF_EMPLOYED])
def test_the_employer_is_not_asked_about_lessons_in_own_time(form: Form) -> None:
    assert not asks(form, employed(TUESDAY_MORNING, 4))


@pytest.mark.parametrize("form", [Form.GUEST, Form.SELF_EMPLOYED])
def test_the_employer_is_asked_about_lessons_in_its_hours(form: Form) -> None:
    assert asks(form, employed(TUESDAY_MORNING, 2))


def test_lessons_after_the_working_day_are_in_own_time() -> None:
    assert not asks(Form.GUEST, employed(TUESDAY_EVENING, 2), roster=TUESDAY_EVENING)


def test_where_the_hours_at_the_company_are_unknown_the_form_decides() -> None:
    assert not asks(Form.GUEST, employed(TUESDAY_MORNING))
    assert asks(Form.SECONDMENT, employed(TUESDAY_MORNING))


@pytest.mark.parametrize("form", list(Form))
def test_without_an_employer_nothing_is_asked(form: Form) -> None:
    assert not asks(form, trainer(1, availability=TUESDAY_MORNING))


def test_an_employer_that_must_sign_is_asked_though_the_row_does_not_name_the_form() -> None:
    nothing = EmployerConsent.of(POLICIES.with_value("matching.employer", formsWithConsent=[]), TODAY)
    terms = opening(roster=TUESDAY_MORNING), employed(TUESDAY_MORNING, 4), criteria()
    assert [form for form in Form if nothing.needed(form, *terms)] == [Form.DUAL_EMPLOYMENT, Form.SECONDMENT]


def test_the_row_names_every_form_that_the_employer_signs() -> None:
    facts = SigningFacts(day=date(2027, 2, 1))
    assert {form for form in Form if Party.COMPANY in signatories(form, facts, POLICIES).mandatory} <= CONSENT.forms


@pytest.mark.parametrize(
    ("roster", "offered", "expected"),
    [
        (None, AT_WORK, True),
        (None, TUESDAY_EVENING, False),
        (None, Week((*AT_WORK.slots, *TUESDAY_EVENING.slots)), False),
        (Week.of([(2, 960, 1140)]), Week.of([(2, 1020, 1140)]), True),
        (Week.of([(2, 1020, 1200)]), Week.of([(2, 1020, 1170)]), False),
    ],
    ids=["by agreement", "in the evening", "either", "the rest is at work", "the rest is in the evening"],
)
def test_lessons_that_fit_beside_the_job_are_in_own_time(roster: Week | None, offered: Week, *, expected: bool) -> None:
    asked = opening(roster=roster, minutes_per_week=180)
    assert in_company_time(asked, trainer(1, availability=offered), criteria(), AT_WORK) is expected


def test_a_working_day_that_crosses_midnight_is_two_slots() -> None:
    day = {"startsAt": "22:00", "endsAt": "23:00", "breakMinutes": 0, "breakAfterMinutes": 1440}
    at_night = company_week(employed(AT_WORK, 7), POLICIES.with_value("working_time.declared", **day), TODAY)
    assert at_night == Week.of([(7, 1320, 1440), (1, 0, 360)])
    until_midnight = POLICIES.with_value("working_time.declared", **day | {"startsAt": "16:00"})
    assert company_week(employed(AT_WORK, 7), until_midnight, TODAY) == Week.of([(7, 960, 1440)])


def test_agreed_lessons_beside_an_employer_that_was_not_asked_are_side_work() -> None:
    agreed = proposal(employed=False, status=Status.ACCEPTED)
    assert agreed.is_side_work(employed(TUESDAY_MORNING))
    assert not agreed.is_side_work(trainer(1))
    assert not proposal(status=Status.ACCEPTED).is_side_work(employed(TUESDAY_MORNING))
    assert not proposal(employed=False).is_side_work(employed(TUESDAY_MORNING))
    notice = agreed.side_work(CONSENT.side_work_law, 7)
    assert (notice.proposal_id, notice.law, notice.minutes_per_week) == (agreed.id, "BW 7:653a", 210)
