"""Lending law: registration now, admission from 2027, and colleagues who lend at cost always."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from common.decision import Outcome
from common.policy import Policies
from rules.forms import Form
from rules.lending import FeeBasis, LendingFacts, LendingStatus, check

LAST_DAY_OF_REGISTRATION, FIRST_DAY_OF_ADMISSION = date(2026, 12, 31), date(2027, 1, 1)
LENT = LendingFacts(form=Form.SECONDMENT, starts_on=LAST_DAY_OF_REGISTRATION)


@pytest.mark.parametrize(
    ("status", "basis", "before", "after"),
    [
        (LendingStatus.UNKNOWN, FeeBasis.COST, Outcome.REVIEW, Outcome.REVIEW),
        (LendingStatus.REGISTERED, FeeBasis.MARKET, Outcome.PASS, Outcome.BLOCK),
        (LendingStatus.ADMITTED, FeeBasis.MARKET, Outcome.PASS, Outcome.PASS),
        (LendingStatus.DISPENSED, FeeBasis.MARKET, Outcome.PASS, Outcome.PASS),
        (LendingStatus.INTRA_GROUP, FeeBasis.MARKET, Outcome.PASS, Outcome.PASS),
        (LendingStatus.COLLEGIAL, FeeBasis.COST, Outcome.PASS, Outcome.PASS),
        (LendingStatus.COLLEGIAL, FeeBasis.COST_PLUS, Outcome.REVIEW, Outcome.BLOCK),
        (LendingStatus.COLLEGIAL, FeeBasis.MARKET, Outcome.REVIEW, Outcome.BLOCK),
    ],
)
def test_the_scheme_of_the_first_day_decides(
    policies: Policies, status: LendingStatus, basis: FeeBasis, before: Outcome, after: Outcome
) -> None:
    facts = replace(LENT, lending_status=status, fee_basis=basis)
    assert [reason.outcome for reason in check(facts, policies).reasons] == [before]
    later = replace(facts, starts_on=FIRST_DAY_OF_ADMISSION)
    assert [reason.outcome for reason in check(later, policies).reasons] == [after]


@pytest.mark.parametrize("form", [Form.SELF_EMPLOYED, Form.DUAL_EMPLOYMENT, Form.GUEST])
def test_no_trainer_is_lent_in_another_form(policies: Policies, form: Form) -> None:
    assert [reason.outcome for reason in check(replace(LENT, form=form), policies).reasons] == [Outcome.PASS]


def test_a_contract_that_runs_into_the_next_scheme_is_warned(policies: Policies) -> None:
    facts = replace(LENT, lending_status=LendingStatus.REGISTERED, ends_on=date(2027, 7, 31))
    verdict = check(facts, policies)
    assert verdict.ok
    assert [(reason.rule, reason.outcome, reason.limit) for reason in verdict.reasons] == [
        ("LENDING", Outcome.PASS, "registration"),
        ("LENDING_AHEAD", Outcome.WARN, "admission"),
    ]
    assert verdict.reasons[1].period == "2027-01-01/2027-07-31"


@pytest.mark.parametrize(
    ("status", "ends_on"),
    [(LendingStatus.ADMITTED, date(2027, 7, 31)), (LendingStatus.REGISTERED, LAST_DAY_OF_REGISTRATION)],
    ids=["will do then too", "ends before"],
)
def test_a_lender_that_complies_with_the_coming_rules_is_not_warned(
    policies: Policies, status: LendingStatus, ends_on: date
) -> None:
    assert len(check(replace(LENT, lending_status=status, ends_on=ends_on), policies).reasons) == 1


def test_another_policy_accepts_others(policies: Policies) -> None:
    facts = replace(LENT, starts_on=FIRST_DAY_OF_ADMISSION, lending_status=LendingStatus.REGISTERED)
    assert not check(facts, policies).ok
    assert check(facts, policies.with_value("lending", accepted=["registered"])).ok
