"""What the law would say about work that nobody has agreed on."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid
from contracts.calculation.model import HoursQuestion, VatQuestion, calculate_vat, calculate_working_time
from events.words import Form, Slot
from tests.unit.contracts.contract_examples import POLICIES, STARTS_ON, TUESDAY


def _vat(**given_: Any) -> VatQuestion:
    fields: dict[str, Any] = {
        "form": Form.SECONDMENT,
        "starts_on": STARTS_ON,
        "lines": 1,
        "line_cents": 10_000,
        "employed": True,
        "lender_is_school": False,
        "lender_recognised": False,
        "gross_wage_cents": None,
        "indispensable": False,
        "not_competing": False,
        "jointly_provided": False,
        "statutory_lessons": False,
        "pupil_facing": True,
        "crkbo_registered": False,
        "in_company_time": False,
        "on_payroll": False,
    }
    return VatQuestion(**{**fields, **given_})


@pytest.mark.parametrize(
    ("given_", "row"),
    [
        ({"form": Form.DUAL_EMPLOYMENT}, "V1"),
        ({"form": Form.GUEST, "line_cents": 0}, "V2"),
        (
            {"lender_is_school": True, "indispensable": True, "not_competing": True, "gross_wage_cents": 10_000},
            "V3",
        ),
        ({"lender_is_school": True, "jointly_provided": True}, "V4"),
        ({}, "V5"),
        ({"form": Form.GUEST, "in_company_time": True}, "V5"),
        ({"lender_recognised": True}, "V6"),
        ({"form": Form.SELF_EMPLOYED, "statutory_lessons": True, "employed": False}, "V7"),
        ({"form": Form.GUEST, "statutory_lessons": True}, "V7"),
        ({"form": Form.GUEST, "statutory_lessons": True, "on_payroll": True}, "V1"),
        ({"line_cents": 0}, "V2"),
        ({"form": Form.SELF_EMPLOYED, "crkbo_registered": True}, "V8"),
        ({"form": Form.SELF_EMPLOYED, "small_business_scheme": True}, "V11"),
        ({"form": Form.DUAL_EMPLOYMENT, "joint_employers": True}, "V12"),
        ({"joint_account": True}, "V13"),
        ({"form": Form.SELF_EMPLOYED, "pupil_facing": False, "crkbo_registered": True}, "V8"),
        ({"form": Form.SELF_EMPLOYED, "pupil_facing": False}, "V9"),
        ({"form": Form.SELF_EMPLOYED}, "V10"),
    ],
)
def test_every_row_of_the_vat_table_can_be_asked_for(given_: dict[str, Any], row: str) -> None:
    agreed, side_by_side, verdict = calculate_vat(_vat(**given_), POLICIES)
    assert agreed.row == row
    assert agreed in side_by_side
    assert verdict.reasons[-1].rule == row


@given(st.integers(1, 366), st.integers(0, 100_000))
def test_vat_is_rounded_half_up_on_each_line(lines: int, cents: int) -> None:
    agreed, _, _ = calculate_vat(_vat(lines=lines, line_cents=cents), POLICIES)
    assert agreed.net_cents == lines * cents
    assert agreed.vat_cents == lines * ((cents * 21 + 50) // 100)
    assert agreed.total_cents == agreed.net_cents + agreed.vat_cents


def test_lessons_beside_a_main_job() -> None:
    question = HoursQuestion(
        form=Form.DUAL_EMPLOYMENT,
        starts_on=STARTS_ON,
        ends_on=date(2027, 7, 9),
        roster=(TUESDAY, Slot(day=6, starts=time(9), ends=time(17))),
        company_minutes_per_week=2400,
        company_days=frozenset({1, 2, 3, 4, 5}),
    )
    verdict = calculate_working_time(question, POLICIES)
    assert {reason.rule for reason in verdict.reasons if reason.outcome == "block"} == {"R4"}
    with pytest.raises(Invalid):
        calculate_working_time(
            HoursQuestion(
                form=Form.GUEST,
                starts_on=STARTS_ON,
                ends_on=date(2027, 1, 1),
                roster=(TUESDAY,),
                company_minutes_per_week=0,
                company_days=frozenset(),
            ),
            POLICIES,
        )
