"""The fee band: an amount that does not go with its unit is refused, in words that name both."""

from __future__ import annotations

from datetime import date

import pytest

from common.decision import Outcome
from common.policy import Policies
from events.words import Fee, FeeKind
from rules.fee_band import PER, FeeBandFacts, Per, check, faults, unit_faults

DAY = date(2026, 12, 1)


INSIDE = [
    (FeeKind.SALARY, 70_000, 3_590),
    (FeeKind.SALARY, 19_500, 1_000),
    (FeeKind.HOURLY, 500, 500),
    (FeeKind.COST, 50_000, 50_000),
    (FeeKind.FIXED, 20_000_000, 20_000_000),
]
OUTSIDE = [
    (FeeKind.SALARY, 3_000, 154, "minCents"),  # 30 euro a month, meant as an hour
    (FeeKind.SALARY, 19_490, 999, "minCents"),
    (FeeKind.SALARY, 7_000_000, 358_974, "maxCents"),
    (FeeKind.HOURLY, 499, 499, "minCents"),
    (FeeKind.COST, 50_001, 50_001, "maxCents"),
    (FeeKind.FIXED, 999, 999, "minCents"),
]


def _facts(kind: FeeKind, cents: int, minutes_per_week: int = 270) -> FeeBandFacts:
    return FeeBandFacts(day=DAY, kind=kind, cents=cents, minutes_per_week=minutes_per_week)


@pytest.mark.parametrize(("kind", "cents", "measured"), INSIDE)
def test_both_ends_belong_to_the_band_of_the_unit(policies: Policies, kind: FeeKind, cents: int, measured: int) -> None:
    (reason,) = check(_facts(kind, cents), policies).reasons
    assert (reason.rule, reason.outcome, reason.measured) == ("FEE_BAND", Outcome.PASS, measured)
    assert faults(_facts(kind, cents), policies) == []


@pytest.mark.parametrize(("kind", "cents", "measured", "end"), OUTSIDE)
def test_an_amount_outside_its_band_is_refused_by_field(
    policies: Policies, kind: FeeKind, cents: int, measured: int, end: str
) -> None:
    (reason,) = check(_facts(kind, cents), policies).reasons
    limit = policies.on(f"fee_band.{kind}", DAY).value[end]
    assert (reason.outcome, reason.measured, reason.limit) == (Outcome.BLOCK, measured, limit)
    assert [(fault.name, fault.code) for fault in faults(_facts(kind, cents), policies)] == [
        ("fee.cents", "out-of-band")
    ]


def test_a_salary_for_no_minutes_is_outside_every_band(policies: Policies) -> None:
    assert not check(_facts(FeeKind.SALARY, 70_000, 0), policies).ok


def test_no_fee_has_no_band(policies: Policies) -> None:
    facts = _facts(FeeKind.NONE, 0)
    assert (check(facts, policies).reasons, faults(facts, policies)) == ((), [])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (FeeKind.SALARY, "cents a month: 3 cents are 0 cents for each hour of this work; possible are 1000 to 25000"),
        (FeeKind.FIXED, "for all of the work: possible are 1000 to 20000000 cents, not 3"),
        (FeeKind.HOURLY, "in cents an hour: possible are 500 to 50000 cents an hour, not 3"),
    ],
)
def test_the_refusal_names_the_unit_and_the_band(policies: Policies, kind: FeeKind, text: str) -> None:
    (fault,) = faults(_facts(kind, 3), policies)
    assert text in str(fault.reason)


def test_a_unit_that_is_named_must_be_that_of_the_kind() -> None:
    units: tuple[Per, ...] = ("none", "month", "hour", "contract")
    for kind in FeeKind:
        fee = Fee(kind=kind, cents=0)
        good = [unit for unit in units if not unit_faults(fee, unit)]
        assert good == [PER[kind]]
        assert unit_faults(fee, None) == []
    (fault,) = unit_faults(Fee(kind=FeeKind.SALARY, cents=3000), "hour")
    assert (fault.name, str(fault.reason)) == ("fee.per", "A fee of the kind salary is paid per month")
