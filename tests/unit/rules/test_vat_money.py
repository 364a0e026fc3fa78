"""VAT in cents: rounded line by line, additive, reproducible, and shown for every form."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.policy import Policies
from rules.forms import Form
from rules.vat import (
    Invoicer,
    Lender,
    VatFacts,
    VatUndecided,
    cost_to_school_side_by_side,
    decide,
    vat_of_line,
)

DAY = date(2026, 9, 1)
LENT = VatFacts(
    form=Form.SECONDMENT,
    day=DAY,
    invoiced_by=Invoicer.EMPLOYER,
    lender=Lender.COMPANY,
    fee_cents=10_000,
    statutory_lessons=True,
    pupil_facing=True,
)
CENTS = st.integers(min_value=0, max_value=10**12)
RATES = st.decimals(min_value=0, max_value=1, places=4)
FACTS = st.builds(
    VatFacts,
    form=st.sampled_from(Form),
    day=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    invoiced_by=st.sampled_from(Invoicer),
    fee_cents=CENTS,
    gross_wage_cents=st.none() | CENTS,
    employed_by_school=st.booleans(),
    lender=st.none() | st.sampled_from(Lender),
    lender_recognised=st.booleans(),
    indispensable=st.booleans(),
    not_competing=st.booleans(),
    jointly_provided=st.booleans(),
    statutory_lessons=st.booleans(),
    pupil_facing=st.booleans(),
    crkbo_registered=st.booleans(),
    in_company_time=st.booleans(),
)


@pytest.mark.parametrize(("net", "vat"), [(0, 0), (2, 0), (3, 1), (50, 11), (150, 32), (250, 53), (10_000, 2_100)])
def test_half_a_cent_is_rounded_up(net: int, vat: int) -> None:
    assert vat_of_line(net, Decimal("0.21")) == vat


@given(net=st.integers(-(10**12), 10**12), rate=RATES)
def test_rounding_agrees_with_decimal_arithmetic(net: int, rate: Decimal) -> None:
    exact = Context(prec=60).multiply(Decimal(net), rate)
    assert vat_of_line(net, rate) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(first=st.lists(CENTS, max_size=6), second=st.lists(CENTS, max_size=6))
def test_vat_adds_up_line_by_line_and_is_never_negative(
    policies: Policies, first: list[int], second: list[int]
) -> None:
    outcome = decide(LENT, policies)
    together = outcome.vat_cents([*first, *second])
    assert together == outcome.vat_cents(first) + outcome.vat_cents(second)
    assert together >= 0


@given(net=CENTS, rate=RATES)
def test_a_reversing_line_takes_back_exactly_what_was_charged(net: int, rate: Decimal) -> None:
    assert vat_of_line(-net, rate) == -vat_of_line(net, rate)


@given(facts=FACTS)
def test_an_outcome_is_reproducible_from_its_stored_inputs(policies: Policies, facts: VatFacts) -> None:
    outcome = decide(facts, policies)
    stored = json.loads(json.dumps(outcome.inputs))
    assert VatFacts.from_json(stored) == facts
    assert decide(VatFacts.from_json(stored), policies) == outcome


def test_an_older_version_of_the_policies_still_gives_its_own_outcome(policies: Policies) -> None:
    standard = policies.on("vat.rates", DAY)
    newer = replace(standard, version=8, value={**standard.value, "standard": "0"})
    grown = Policies.of([*(row for rows in policies.rows.values() for row in rows), newer])
    then = Policies.of(row for rows in grown.rows.values() for row in rows if row.version <= 7)
    assert decide(LENT, grown).rate == 0
    assert decide(LENT, then) == decide(LENT, policies)


def test_undecided_vat_has_no_amount(policies: Policies) -> None:
    unclear = replace(LENT, form=Form.SELF_EMPLOYED, statutory_lessons=False)
    with pytest.raises(VatUndecided, match="V10"):
        decide(unclear, policies).vat_cents([100])


def test_the_cost_of_every_form_stands_side_by_side(policies: Policies) -> None:
    options = cost_to_school_side_by_side(LENT, policies)
    assert [(option.form, option.outcome.row, option.total_cents) for option in options] == [
        (Form.SELF_EMPLOYED, "V7", 10_000),
        (Form.DUAL_EMPLOYMENT, "V1", 10_000),
        (Form.SECONDMENT, "V5", 12_100),
        (Form.GUEST, "V7", 10_000),
    ]
    assert [option.vat_cents for option in options] == [0, 0, 2_100, 0]


def test_a_guest_lesson_in_company_time_is_invoiced_by_the_company(policies: Policies) -> None:
    guest = cost_to_school_side_by_side(replace(LENT, in_company_time=True), policies)[-1]
    assert (guest.form, guest.outcome.row, guest.total_cents) == (Form.GUEST, "V5", 12_100)


def test_without_an_employer_nothing_can_be_lent_or_shared(policies: Policies) -> None:
    options = cost_to_school_side_by_side(replace(LENT, form=Form.GUEST, lender=None), policies)
    assert [option.form for option in options] == [Form.SELF_EMPLOYED, Form.GUEST]


def test_each_form_is_compared_at_its_own_lines_rounded_line_by_line(policies: Policies) -> None:
    options = cost_to_school_side_by_side(LENT, policies, {Form.SECONDMENT: (50, 50), Form.GUEST: (0,)})
    assert [(option.form, option.net_cents, option.vat_cents) for option in options] == [
        (Form.SECONDMENT, 100, 22),
        (Form.GUEST, 0, 0),
    ]
    assert options[1].outcome.row == "V2"


def test_an_undecided_form_is_shown_without_an_amount(policies: Policies) -> None:
    unclear = replace(LENT, statutory_lessons=False, lender=None)
    first = cost_to_school_side_by_side(unclear, policies)[0]
    assert (first.form, first.outcome.row, first.vat_cents, first.total_cents) == (
        Form.SELF_EMPLOYED,
        "V10",
        None,
        None,
    )
