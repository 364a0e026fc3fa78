"""How a contract ends before its last day: per form by whom, after which term, and with whose consent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.policy import Policies
from events.words import Form, Party
from rules.ending import EndingFacts, Endings, Obstacle
from rules.forms import SigningFacts, signatories

TRAINER, SCHOOL, COMPANY = Party.TRAINER, Party.SCHOOL, Party.COMPANY
TODAY = date(2027, 3, 10)
FACTS = EndingFacts(day=TODAY, starts_on=date(2027, 2, 1), ends_on=date(2027, 12, 17), notice_months=None)
WITH_CLAUSE = replace(FACTS, notice_months=1)


def endings(policies: Policies, form: Form) -> Endings:
    return Endings.of(form, policies, TODAY)


@pytest.mark.parametrize("form", Form)
def test_only_the_parties_of_the_agreement_under_which_the_lessons_are_given_end_it(
    policies: Policies, form: Form
) -> None:
    found = endings(policies, form)
    [agreement] = [
        each
        for each in signatories(form, SigningFacts(day=TODAY), policies).instruments
        if each.code == found.instrument
    ]
    assert {*found.notice} | found.cause <= agreement.mandatory
    assert found.reflects is None or found.reflects in agreement.mandatory


def test_a_company_ends_no_employment_contract_of_the_school(policies: Policies) -> None:
    found = endings(policies, Form.DUAL_EMPLOYMENT)
    assert {*found.notice} == {TRAINER, SCHOOL} == found.cause


def test_a_contract_with_a_last_day_is_ended_by_notice_only_where_a_clause_allows_it(policies: Policies) -> None:
    notice = endings(policies, Form.DUAL_EMPLOYMENT).notice[TRAINER]
    assert notice.obstacles(FACTS) == (Obstacle.NO_CLAUSE,)
    assert notice.obstacles(WITH_CLAUSE) == ()
    assert notice.obstacles(replace(FACTS, ends_on=None)) == ()


def test_an_employer_gives_notice_with_a_permit_only(policies: Policies) -> None:
    notice = endings(policies, Form.DUAL_EMPLOYMENT).notice[SCHOOL]
    assert notice.obstacles(WITH_CLAUSE) == (Obstacle.PERMIT,)


def test_before_the_first_day_only_an_agreement_ends_it(policies: Policies) -> None:
    notice = endings(policies, Form.SELF_EMPLOYED).notice[SCHOOL]
    assert notice.obstacles(replace(FACTS, begun=False)) == (Obstacle.NOT_BEGUN,)


def test_a_client_ends_an_assignment_whenever_it_wants(policies: Policies) -> None:
    notice = endings(policies, Form.SELF_EMPLOYED).notice[SCHOOL]
    assert (notice.obstacles(FACTS), notice.first_day(FACTS)) == ((), TODAY)


def test_notice_that_would_end_after_the_last_day_ends_nothing(policies: Policies) -> None:
    notice = endings(policies, Form.GUEST).notice[TRAINER]
    assert notice.obstacles(replace(FACTS, ends_on=date(2027, 4, 10))) == (Obstacle.NOT_EARLIER,)
    assert notice.obstacles(replace(FACTS, ends_on=date(2027, 4, 11))) == ()


@pytest.mark.parametrize(
    ("started", "last"),
    [
        (date(2027, 2, 1), date(2027, 4, 30)),
        (date(2022, 3, 11), date(2027, 4, 30)),
        (date(2022, 3, 10), date(2027, 5, 31)),
        (date(2017, 3, 10), date(2027, 6, 30)),
        (date(2012, 3, 10), date(2027, 7, 31)),
    ],
)
def test_an_employer_s_notice_is_longer_the_longer_the_work_lasted(
    policies: Policies, started: date, last: date
) -> None:
    notice = endings(policies, Form.DUAL_EMPLOYMENT).notice[SCHOOL]
    assert notice.first_day(replace(WITH_CLAUSE, starts_on=started)) == last


def test_a_longer_term_that_was_agreed_counts_and_a_shorter_one_does_not(policies: Policies) -> None:
    notice = endings(policies, Form.DUAL_EMPLOYMENT).notice[SCHOOL]
    assert notice.first_day(replace(WITH_CLAUSE, notice_months=3)) == date(2027, 6, 30)
    assert notice.first_day(replace(WITH_CLAUSE, notice_months=0)) == date(2027, 4, 30)


@given(today=st.dates(date(2025, 1, 1), date(2030, 1, 1)), agreed=st.integers(0, 24), form=st.sampled_from(Form))
def test_notice_never_ends_before_its_term_and_a_longer_term_never_ends_sooner(
    policies: Policies, today: date, agreed: int, form: Form
) -> None:
    facts = replace(FACTS, day=today, starts_on=date(2024, 9, 1), notice_months=agreed)
    for notice in endings(policies, form).notice.values():
        day = notice.first_day(facts)
        assert today <= day <= notice.first_day(replace(facts, notice_months=agreed + 1))
        assert notice.rounded(day) == day


def test_an_employee_has_the_days_to_reconsider_and_nobody_loses_them(policies: Policies) -> None:
    found = endings(policies, Form.DUAL_EMPLOYMENT)
    assert (found.reflects, found.reflection_days) == (TRAINER, 14)
    first = found.first_agreed_day(TODAY)
    assert first == date(2027, 3, 24)
    assert found.answer_until(TODAY, first) == TODAY
    assert found.answer_until(TODAY, date(2027, 12, 1)) == date(2027, 3, 24)
    assert endings(policies, Form.SECONDMENT).first_agreed_day(TODAY) == TODAY


def test_another_policy_is_another_term(policies: Policies) -> None:
    value = policies.on("endings.guest", TODAY).value["notice"]
    months = [{"fromYears": 0, "months": 2}]
    longer = policies.with_value("endings.guest", notice={**value, "trainer": {**value["trainer"], "months": months}})
    assert endings(longer, Form.GUEST).notice[TRAINER].first_day(FACTS) == date(2027, 5, 10)
