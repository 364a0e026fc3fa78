"""Lending law: registration now, admission enforced a year later, and colleagues at cost always."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from common.decision import Outcome
from common.policy import Policies
from rules.forms import Form
from rules.lending import FeeBasis, LendingFacts, LendingStatus, check

LAST_DAY_OF_REGISTRATION, FIRST_DAY_OF_ADMISSION = date(2026, 12, 31), date(2027, 1, 1)
FIRST_DAY_OF_ENFORCEMENT = date(2028, 1, 1)
LENT = LendingFacts(form=Form.SECONDMENT, starts_on=LAST_DAY_OF_REGISTRATION)


@pytest.mark.parametrize(
    ("status", "basis", "before", "first_year", "enforced"),
    [
        (LendingStatus.UNKNOWN, FeeBasis.COST, Outcome.REVIEW, Outcome.REVIEW, Outcome.REVIEW),
        (LendingStatus.REGISTERED, FeeBasis.MARKET, Outcome.PASS, Outcome.REVIEW, Outcome.BLOCK),
        (LendingStatus.NOTIFIED, FeeBasis.MARKET, Outcome.PASS, Outcome.PASS, Outcome.REVIEW),
        (LendingStatus.NOT_LENDING, FeeBasis.MARKET, Outcome.REVIEW, Outcome.REVIEW, Outcome.BLOCK),
        (LendingStatus.ADMITTED, FeeBasis.MARKET, Outcome.PASS, Outcome.PASS, Outcome.PASS),
        (LendingStatus.DISPENSED, FeeBasis.MARKET, Outcome.PASS, Outcome.PASS, Outcome.PASS),
        (LendingStatus.INTRA_GROUP, FeeBasis.MARKET, Outcome.PASS, Outcome.PASS, Outcome.PASS),
        (LendingStatus.COLLEGIAL, FeeBasis.COST, Outcome.PASS, Outcome.PASS, Outcome.PASS),
        (LendingStatus.COLLEGIAL, FeeBasis.COST_PLUS, Outcome.REVIEW, Outcome.REVIEW, Outcome.BLOCK),
        (LendingStatus.COLLEGIAL, FeeBasis.MARKET, Outcome.REVIEW, Outcome.REVIEW, Outcome.BLOCK),
    ],
)
def test_the_scheme_of_the_first_day_decides(
    policies: Policies,
    status: LendingStatus,
    basis: FeeBasis,
    before: Outcome,
    first_year: Outcome,
    enforced: Outcome,
) -> None:
    """Before: from the first day of 2027 every lender that was not admitted was blocked."""
    facts = replace(LENT, lending_status=status, fee_basis=basis)
    for starts_on, outcome in (
        (LAST_DAY_OF_REGISTRATION, before),
        (FIRST_DAY_OF_ADMISSION, first_year),
        (date(2027, 12, 31), first_year),
        (FIRST_DAY_OF_ENFORCEMENT, enforced),
    ):
        assert check(replace(facts, starts_on=starts_on), policies).reasons[0].outcome is outcome


@pytest.mark.parametrize(("answer", "outcome"), [(None, Outcome.WARN), (True, Outcome.PASS), (False, Outcome.BLOCK)])
def test_a_colleague_is_lent_under_the_conditions_of_the_exception(
    policies: Policies,
    answer: bool | None,  # noqa: FBT001 - a column of the table
    outcome: Outcome,
) -> None:
    facts = replace(
        LENT,
        starts_on=FIRST_DAY_OF_ENFORCEMENT,
        lending_status=LendingStatus.COLLEGIAL,
        fee_basis=FeeBasis.COST,
        collegial_conditions=answer,
    )
    lending, conditions = check(facts, policies).reasons
    assert (lending.outcome, conditions.rule, conditions.outcome) == (Outcome.PASS, "LENDING_COLLEGIAL", outcome)
    assert conditions.limit == "own_employee no_profit no_business_of_the_lender for_a_while"
    assert conditions.source != lending.source
    dearer = check(replace(facts, fee_basis=FeeBasis.MARKET), policies).reasons
    assert [reason.rule for reason in dearer] == ["LENDING"], "without the exception its conditions do not matter"
    assert len(check(replace(facts, starts_on=date(2025, 7, 31)), policies).reasons) == 1, "rows of before know none"


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
    facts = replace(LENT, starts_on=FIRST_DAY_OF_ENFORCEMENT, lending_status=LendingStatus.REGISTERED)
    assert not check(facts, policies).ok
    assert check(facts, policies.with_value("lending", accepted=["registered"])).ok
