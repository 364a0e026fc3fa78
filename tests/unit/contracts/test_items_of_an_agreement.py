"""The items that law and collective agreement ask: named by party before anything is offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from common.decision import Outcome
from contracts.contract.model.contract import REVIEW, Contract
from contracts.contract.model.decision import Ruling
from contracts.contract.model.items import FIELDS, check, faults, item_facts, open_items
from contracts.contract.model.terms import Declared
from contracts.contract.views import CompletenessView
from contracts.legal_check.model.review import decide
from events.words import Fee, FeeKind, Form, Party, SchoolType
from tests.unit.contracts.contract_examples import LESSONS, POLICIES, TERMS, contract, dossier

EMPLOYMENT = {
    "salary_scale": "LB",
    "salary_step": "4",
    "working_time_factor": Decimal("0.1125"),
    "company_minutes_per_week": 1650,
}
LATER = {"starts_on": date(2027, 8, 30), "ends_on": date(2028, 7, 14)}
DUAL = {"salaryScale", "salaryStep", "workingTimeFactor", "companyMinutesPerWeek"}


def _dual(**terms: Any) -> Contract:
    fee = Fee(kind=FeeKind.SALARY, cents=70_000)
    agreed = replace(TERMS, **{"fee": fee, "payroll_tax_credit": Party.COMPANY, **terms})
    return contract(REVIEW, form=Form.DUAL_EMPLOYMENT, terms=agreed)


def test_a_missing_item_is_named_with_its_field_and_party() -> None:
    facts = item_facts(_dual(fee=Fee(kind=FeeKind.NONE, cents=0), **LATER))
    found = faults(facts, POLICIES)
    assert {(fault.name, fault.code) for fault in found} == {(name, "missing") for name in {*DUAL, "fee.cents"}}
    assert str(found[-1].reason) == "This agreement needs this; it is to come from the company"
    assert {reason.outcome for reason in check(facts, POLICIES).reasons} == {Outcome.BLOCK}


@pytest.mark.parametrize("sector", SchoolType)
def test_a_complete_agreement_lacks_nothing_and_an_open_one_names_its_fields(sector: SchoolType) -> None:
    lessons = replace(LESSONS, school_type=sector)
    whole = replace(_dual(**EMPLOYMENT, **LATER), lessons=lessons)
    open_ = replace(_dual(**LATER), lessons=lessons)
    assert faults(item_facts(whole), POLICIES) == []
    assert [reason.rule for reason in check(item_facts(whole), POLICIES).reasons] == ["ITEMS"]
    assert {fault.name for fault in faults(item_facts(open_), POLICIES)} == DUAL


def test_a_draft_without_a_mandatory_item_goes_back_to_the_parties() -> None:
    decision, checks = decide(dossier(_dual(starts_on=date(2027, 8, 2), ends_on=date(2027, 12, 17))), POLICIES)
    assert decision.ruling is Ruling.RETURNED
    assert {"ITEM_SALARY_SCALE", "ITEM_COMPANY_HOURS"} <= {finding.rule for finding in decision.findings}
    assert "items" in {check.name for check in checks}


def test_before_the_school_year_2027_a_missing_item_is_a_warning() -> None:
    decision, _ = decide(dossier(_dual()), POLICIES)
    warned = {finding.rule for finding in decision.findings if finding.outcome == "warn"}
    assert decision.ruling is Ruling.PASSED
    assert {"ITEM_SALARY_SCALE", "ITEM_SALARY_STEP", "ITEM_WORKING_TIME_FACTOR", "ITEM_COMPANY_HOURS"} <= warned
    assert faults(item_facts(_dual()), POLICIES) == []


def test_an_extension_asks_for_no_item() -> None:
    extended = _dual(**LATER)
    _, checks = decide(dossier(extended, extends=date(2027, 12, 17)), POLICIES)
    assert "items" not in {check.name for check in checks}


def test_completeness_names_every_item_in_words() -> None:
    shown = CompletenessView.model_validate(open_items(_dual(**LATER, salary_scale="LB"), POLICIES))
    assert not shown.complete
    named = {item.field: (item.party, item.mandatory, item.filled, item.text_nl) for item in shown.items}
    assert named["salaryScale"] == (Party.SCHOOL, True, True, "de salarisschaal staat erin")
    hours = (Party.COMPANY, True, False, "de uren per week bij de werkgever ontbreken")
    assert named["companyMinutesPerWeek"] == hours
    assert all(item.source and item.text_en for item in shown.items)
    guest = CompletenessView.model_validate(open_items(contract(REVIEW), POLICIES))
    assert (guest.complete, guest.items) == (True, [])


def test_whether_a_substitute_may_come_is_asked_of_the_self_employed() -> None:
    alone = contract(REVIEW, form=Form.SELF_EMPLOYED)
    (item,) = open_items(alone, POLICIES)["items"]
    assert (item.field, item.mandatory, item.filled) == ("declared.freeSubstitution", False, False)
    said = replace(alone, terms=replace(TERMS, declared=Declared(free_substitution=False)))
    assert open_items(said, POLICIES)["items"][0].filled


def test_every_item_of_a_policy_is_a_field_that_can_be_filled_in() -> None:
    rows = [row for code, rows in POLICIES.rows.items() if code.startswith("contract_items.") for row in rows]
    assert {row.code for row in rows} == {f"contract_items.{form}" for form in Form}
    assert {item["field"] for row in rows for item in row.value["items"]} == FIELDS.keys()
