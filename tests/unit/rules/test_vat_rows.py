"""Each VAT row decides the case it is made for, and says something else under another policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from common.decision import MissingDependency, Outcome
from common.policy import Policies
from rules.forms import Form
from rules.vat import Invoicer, Lender, Treatment, VatFacts, check, decide

DAY = date(2026, 9, 1)
DUAL = VatFacts(form=Form.DUAL_EMPLOYMENT, day=DAY, employed_by_school=True, lender=Lender.COMPANY, fee_cents=5000)
GUEST_FOR_NOTHING = VatFacts(form=Form.GUEST, day=DAY, statutory_lessons=True, pupil_facing=True)
SCHOOL_LENDS = VatFacts(
    form=Form.SECONDMENT,
    day=DAY,
    invoiced_by=Invoicer.EMPLOYER,
    lender=Lender.SCHOOL,
    fee_cents=10_500,
    gross_wage_cents=10_000,
    indispensable=True,
    not_competing=True,
)
JOINTLY = VatFacts(
    form=Form.SECONDMENT,
    day=DAY,
    invoiced_by=Invoicer.EMPLOYER,
    lender=Lender.SCHOOL,
    fee_cents=9000,
    jointly_provided=True,
)
COMPANY_LENDS = VatFacts(
    form=Form.SECONDMENT, day=DAY, invoiced_by=Invoicer.EMPLOYER, lender=Lender.COMPANY, fee_cents=9000
)
RECOGNISED_LENDS = replace(COMPANY_LENDS, lender_recognised=True)
GUEST_OF_EMPLOYER = replace(COMPANY_LENDS, form=Form.GUEST, statutory_lessons=True)
FREELANCE_LESSONS = VatFacts(
    form=Form.SELF_EMPLOYED,
    day=DAY,
    invoiced_by=Invoicer.TRAINER,
    fee_cents=7700,
    statutory_lessons=True,
    pupil_facing=True,
)
FREELANCE_ADVICE = replace(FREELANCE_LESSONS, statutory_lessons=False, pupil_facing=False)
FREELANCE_ADVICE_CRKBO = replace(FREELANCE_ADVICE, crkbo_registered=True)
FREELANCE_WITH_PUPILS = replace(FREELANCE_ADVICE, pupil_facing=True)

FREELANCE_CRKBO_PUPILS = replace(FREELANCE_WITH_PUPILS, crkbo_registered=True)
PAID_GUEST = replace(GUEST_FOR_NOTHING, employed_by_school=True, fee_cents=7700)
LENT_FOR_NOTHING = replace(COMPANY_LENDS, fee_cents=0)
SMALL_BUSINESS = replace(FREELANCE_ADVICE, small_business_scheme=True, fee_cents=2_000_000)
TWO_EMPLOYERS_ONE_CONTRACT = replace(DUAL, joint_employers=True)
SHARED_COSTS = replace(COMPANY_LENDS, joint_account=True)

ROWS = [
    ("V1", DUAL, Treatment.NO_SUPPLY, "0", "NO_SUPPLY", False),
    ("V2", GUEST_FOR_NOTHING, Treatment.NO_CONSIDERATION, "0", "NO_CONSIDERATION", False),
    ("V3", SCHOOL_LENDS, Treatment.EXEMPT, "0", "OB_11_1_O_CLOSELY_RELATED", False),
    ("V4", JOINTLY, Treatment.EXEMPT, "0", "JOINT_EDUCATION_2016", False),
    ("V6", RECOGNISED_LENDS, Treatment.TAXED, "0.21", "REVIEW", True),
    ("V5", COMPANY_LENDS, Treatment.TAXED, "0.21", "OB_MAIN_RULE", False),
    ("V7", FREELANCE_LESSONS, Treatment.EXEMPT, "0", "OB_11_1_O_1_SELF_EMPLOYED", False),
    ("V8", FREELANCE_ADVICE_CRKBO, Treatment.EXEMPT, "0", "CRKBO", False),
    ("V9", FREELANCE_ADVICE, Treatment.TAXED, "0.21", "OB_MAIN_RULE", False),
    ("V10", FREELANCE_WITH_PUPILS, Treatment.UNDECIDED, None, "REVIEW", True),
    ("V1", PAID_GUEST, Treatment.NO_SUPPLY, "0", "NO_SUPPLY", False),
    ("V2", LENT_FOR_NOTHING, Treatment.NO_CONSIDERATION, "0", "NO_CONSIDERATION", False),
    ("V8", FREELANCE_CRKBO_PUPILS, Treatment.EXEMPT, "0", "CRKBO", False),
    ("V11", SMALL_BUSINESS, Treatment.EXEMPT, "0", "OB_25_SMALL_BUSINESS", False),
    ("V12", TWO_EMPLOYERS_ONE_CONTRACT, Treatment.NO_SUPPLY, "0", "JOINT_EMPLOYERS", True),
    ("V13", SHARED_COSTS, Treatment.NO_SUPPLY, "0", "JOINT_ACCOUNT", True),
]


@pytest.mark.parametrize(
    ("row", "facts", "treatment", "rate", "basis", "review"),
    ROWS,
    ids=[f"{row[0]} {row[4]} {index}" for index, row in enumerate(ROWS)],
)
def test_the_row_decides_its_case(
    policies: Policies,
    row: str,
    facts: VatFacts,
    treatment: Treatment,
    rate: str | None,
    basis: str,
    review: bool,  # noqa: FBT001 - a column of the table
) -> None:
    outcome = decide(facts, policies)
    assert (outcome.row, outcome.treatment, outcome.legal_basis) == (row, treatment, basis)
    assert outcome.rate == (None if rate is None else Decimal(rate))
    assert outcome.fiscal_review is review
    assert not outcome.reclaimable
    assert outcome.policy_version == 7
    assert outcome.verdict.ok
    assert outcome.verdict.needs_review is review
    assert outcome.verdict.reasons[-1].rule == row
    assert outcome.verdict.reasons[-1].source


CHANGES: list[tuple[str, VatFacts, dict[str, Any], str]] = [
    ("V1", DUAL, {"inForce": False}, "V10"),
    ("V2", GUEST_FOR_NOTHING, {"inForce": False}, "V10"),
    ("V3", SCHOOL_LENDS, {"maxFeeOverGrossWage": "1.04"}, "V10"),
    ("V4", JOINTLY, {"inForce": False}, "V10"),
    ("V6", RECOGNISED_LENDS, {"inForce": False}, "V5"),
    ("V5", COMPANY_LENDS, {"inForce": False}, "V10"),
    ("V7", FREELANCE_LESSONS, {"forms": ["guest"]}, "V10"),
    ("V8", FREELANCE_ADVICE_CRKBO, {"inForce": False}, "V10"),
    ("V8", FREELANCE_CRKBO_PUPILS, {"pupilFacing": False}, "V10"),
    ("V1", PAID_GUEST, {"forms": ["dual_employment"]}, "V7"),
    ("V2", LENT_FOR_NOTHING, {"forms": ["guest"]}, "V5"),
    ("V11", SMALL_BUSINESS, {"maxYearlyCents": 1_999_999}, "V9"),
    ("V12", TWO_EMPLOYERS_ONE_CONTRACT, {"inForce": False}, "V1"),
    ("V13", SHARED_COSTS, {"inForce": False}, "V5"),
    ("V9", FREELANCE_ADVICE, {"inForce": False}, "V10"),
]


@pytest.mark.parametrize(
    ("row", "facts", "change", "instead"), CHANGES, ids=[f"{row[0]} {index}" for index, row in enumerate(CHANGES)]
)
def test_another_policy_lets_another_row_decide(
    policies: Policies, row: str, facts: VatFacts, change: dict[str, Any], instead: str
) -> None:
    changed = policies.with_value(f"vat.{row}", **change)
    assert decide(facts, policies).row == row
    assert decide(facts, changed).row == instead
    assert check(facts, changed) != check(facts, policies)


def test_an_open_row_of_the_vat_table_may_be_decided_by_policy(policies: Policies) -> None:
    changed = policies.with_value("vat.V10", treatment="taxed", rate="standard", fiscalReview=False)
    outcome = decide(FREELANCE_WITH_PUPILS, changed)
    assert (outcome.row, outcome.treatment, outcome.rate) == ("V10", Treatment.TAXED, Decimal("0.21"))
    assert not outcome.verdict.needs_review


@pytest.mark.parametrize("facts", [COMPANY_LENDS, RECOGNISED_LENDS, FREELANCE_ADVICE], ids=["V5", "V6", "V9"])
def test_scrapping_vat_is_one_change_of_the_rate(policies: Policies, facts: VatFacts) -> None:
    outcome = decide(facts, policies.with_value("vat.rates", standard="0"))
    assert outcome.rate == 0
    assert outcome.verdict != check(facts, policies)


def test_a_recognised_lender_is_row_6_before_it_is_row_5(policies: Policies) -> None:
    assert decide(RECOGNISED_LENDS, policies).row == "V6"


def test_a_guest_invoiced_by_the_employer_is_lent_staff(policies: Policies) -> None:
    outcome = decide(GUEST_OF_EMPLOYER, policies)
    assert (outcome.row, outcome.rate, outcome.fiscal_review) == ("V5", Decimal("0.21"), False)


def test_a_guest_invoiced_by_a_recognised_employer_is_looked_at_by_a_person(policies: Policies) -> None:
    outcome = decide(replace(GUEST_OF_EMPLOYER, lender_recognised=True), policies)
    assert (outcome.row, outcome.fiscal_review) == ("V5", True)
    quiet = policies.with_value("vat.V5", reviewWhenLenderRecognised=False)
    assert not decide(replace(GUEST_OF_EMPLOYER, lender_recognised=True), quiet).fiscal_review


def test_a_guest_who_invoices_for_statutory_lessons_is_exempt_though_employed_elsewhere(policies: Policies) -> None:
    assert decide(replace(GUEST_OF_EMPLOYER, invoiced_by=Invoicer.TRAINER), policies).row == "V7"


def test_a_guest_without_a_fee_never_becomes_an_exempt_supply(policies: Policies) -> None:
    assert decide(GUEST_FOR_NOTHING, policies.with_value("vat.V2", inForce=False)).row == "V10"


def test_dual_employment_with_an_invoice_is_undecided(policies: Policies) -> None:
    assert decide(replace(DUAL, invoiced_by=Invoicer.EMPLOYER), policies).row == "V10"


@pytest.mark.parametrize(
    "change",
    [
        {"lender": Lender.COMPANY},
        {"indispensable": False},
        {"not_competing": False},
        {"gross_wage_cents": None},
        {"fee_cents": 10_501},
    ],
)
def test_a_lending_school_is_exempt_only_with_every_condition(policies: Policies, change: dict[str, Any]) -> None:
    assert decide(replace(SCHOOL_LENDS, **change), policies).row != "V3"


def test_a_fee_above_the_wage_is_named_as_the_reason(policies: Policies) -> None:
    first, last = check(replace(SCHOOL_LENDS, fee_cents=10_501), policies).reasons
    assert (first.rule, first.outcome, first.measured, first.limit) == ("V3_FEE", Outcome.WARN, 10_501, 10_500)
    assert last.rule == "V10"


def test_a_fee_at_the_limit_is_not_the_reason(policies: Policies) -> None:
    assert [reason.rule for reason in check(replace(SCHOOL_LENDS, indispensable=False), policies).reasons] == ["V10"]


def test_the_fee_of_a_lending_school_is_measured_by_the_labour_costs(policies: Policies) -> None:
    """Before: the employer's charges were left out, and the exemption was lost for them."""
    dearer = replace(SCHOOL_LENDS, fee_cents=13_650, gross_labour_cost_cents=13_000)
    assert decide(dearer, policies).row == "V3"
    first, _ = check(replace(dearer, fee_cents=13_651), policies).reasons
    assert (first.rule, first.limit) == ("V3_FEE", 13_650)
    assert decide(replace(dearer, gross_labour_cost_cents=None), policies).row == "V10"
    by_wage = policies.with_value("vat.V3", wageBasis="wage")
    assert decide(dearer, by_wage).row == "V10"


def test_more_than_the_small_business_scheme_allows_is_taxed_and_named(policies: Policies) -> None:
    first, last = check(replace(SMALL_BUSINESS, fee_cents=2_000_001), policies).reasons
    assert (first.rule, first.outcome, first.measured, first.limit) == (
        "V11_TURNOVER",
        Outcome.WARN,
        2_000_001,
        2_000_000,
    )
    assert last.rule == "V9"
    exempt = replace(SMALL_BUSINESS, statutory_lessons=True)
    assert decide(exempt, policies).row == "V7", "an exemption comes before the scheme"


@pytest.mark.parametrize("facts", [COMPANY_LENDS, RECOGNISED_LENDS, FREELANCE_ADVICE], ids=["V5", "V6", "V9"])
def test_vat_is_deductible_where_the_education_is_taxed(policies: Policies, facts: VatFacts) -> None:
    """Before: nothing was ever deductible."""
    assert not decide(facts, policies).reclaimable
    assert decide(replace(facts, education_taxed=True), policies).reclaimable
    assert not decide(replace(FREELANCE_LESSONS, education_taxed=True), policies).reclaimable


@pytest.mark.parametrize(
    ("facts", "row"),
    [
        (PAID_GUEST, "V7"),
        (LENT_FOR_NOTHING, "V5"),
        (FREELANCE_CRKBO_PUPILS, "V10"),
        (SMALL_BUSINESS, "V9"),
        (TWO_EMPLOYERS_ONE_CONTRACT, "V1"),
        (SHARED_COSTS, "V5"),
    ],
)
def test_work_of_before_is_decided_by_the_rows_of_before(policies: Policies, facts: VatFacts, row: str) -> None:
    outcome = decide(replace(facts, day=date(2025, 7, 31), education_taxed=True), policies)
    assert (outcome.row, outcome.reclaimable) == (row, False)


def test_facts_that_were_stored_before_are_read_as_they_were() -> None:
    stored = FREELANCE_ADVICE.to_json()
    for later in ("grossLabourCostCents", "smallBusinessScheme", "educationTaxed", "jointEmployers", "jointAccount"):
        del stored[later]
    assert VatFacts.from_json(stored) == FREELANCE_ADVICE


def test_no_decision_is_taken_by_an_unknown_policy() -> None:
    with pytest.raises(MissingDependency, match="vat"):
        decide(DUAL, Policies())
