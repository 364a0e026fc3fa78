"""Who must sign, per form: data with a validity, read by one function."""

from __future__ import annotations

from datetime import date

import pytest

from common.policy import Policies
from rules.forms import Circumstance, Form, Party, SigningFacts, signatories

FACTS = SigningFacts(day=date(2026, 9, 1))
IN_COMPANY_TIME = SigningFacts(day=date(2026, 9, 1), circumstances=frozenset({Circumstance.IN_COMPANY_TIME}))
TRAINER, SCHOOL, COMPANY = Party.TRAINER, Party.SCHOOL, Party.COMPANY


@pytest.mark.parametrize(
    ("form", "mandatory"),
    [
        (Form.SELF_EMPLOYED, {TRAINER, SCHOOL}),
        (Form.DUAL_EMPLOYMENT, {TRAINER, SCHOOL, COMPANY}),
        (Form.SECONDMENT, {COMPANY, SCHOOL}),
        (Form.GUEST, {TRAINER, SCHOOL}),
    ],
)
def test_every_form_has_its_mandatory_signatories(policies: Policies, form: Form, mandatory: set[Party]) -> None:
    found = signatories(form, FACTS, policies)
    assert found.mandatory == mandatory
    assert found.policy_version == 7


def test_dual_employment_is_two_bilateral_contracts_and_an_agreement_of_three(policies: Policies) -> None:
    school, addendum, together = signatories(Form.DUAL_EMPLOYMENT, FACTS, policies).instruments
    assert school.mandatory == {TRAINER, SCHOOL}
    assert addendum.mandatory == {TRAINER, COMPANY}
    assert together.mandatory == set()
    assert together.invited == {TRAINER, SCHOOL, COMPANY}


def test_three_parties_sign_the_agreement_of_three_from_december_2026_on(policies: Policies) -> None:
    before, after = (
        signatories(Form.DUAL_EMPLOYMENT, SigningFacts(day=day), policies)
        for day in (date(2026, 11, 30), date(2026, 12, 1))
    )
    assert before.instruments[2].mandatory == set()
    assert after.instruments[2].mandatory == {TRAINER, SCHOOL, COMPANY}
    assert before.mandatory == after.mandatory
    assert after.instruments[2].invited == set()


def test_a_seconded_trainer_only_acknowledges(policies: Policies) -> None:
    (agreement,) = signatories(Form.SECONDMENT, FACTS, policies).instruments
    assert agreement.invited == {TRAINER}


def test_a_guest_in_company_time_needs_the_company_too(policies: Policies) -> None:
    assert signatories(Form.GUEST, IN_COMPANY_TIME, policies).mandatory == {TRAINER, SCHOOL, COMPANY}


def test_company_time_changes_nothing_where_the_policy_does_not_say_so(policies: Policies) -> None:
    assert signatories(Form.SELF_EMPLOYED, IN_COMPANY_TIME, policies).mandatory == {TRAINER, SCHOOL}


def test_another_policy_asks_another_signature(policies: Policies) -> None:
    entry = policies.on("forms.secondment", FACTS.day).value["instruments"][0]
    changed = policies.with_value(
        "forms.secondment", instruments=[{**entry, "mandatory": ["company", "school", "trainer"]}]
    )
    assert signatories(Form.SECONDMENT, FACTS, changed).mandatory == {TRAINER, SCHOOL, COMPANY}
