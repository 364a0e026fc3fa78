"""Everything that is stored and shown of a scenario is rounded: nothing in it points at one person."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from matching.scenario.model.estimates import Estimate, Simulated
from matching.scenario.model.figures import Amounts, Binding, Figures, Moves
from matching.scenario.model.shown import Cell, Measured, Range, Shutter, Years
from tests.unit.matching.ranking.ranking_examples import POLICIES, TODAY

NOTHING = Moves(filled=0, emptied=0, planned=0, dropped=0, elsewhere=0)
SHUTTER = Shutter.of(POLICIES, TODAY, b"secret", simulate=True)


def found(**other: Any) -> Figures:
    empty: dict[str, Any] = {
        "value": 3, "bound": 4, "gap": 250_000, "optimal": False, "cut": True, "people": 0, "total": Amounts(),
        "groups": {}, "bindings": (), "moves": NOTHING,
    }  # fmt: skip
    return Figures(**(empty | other))


def test_every_number_of_people_and_money_is_rounded_to_its_step() -> None:
    amounts = Amounts(
        places=901,
        matches=723,
        expected=311 * 10_000,
        minutes=90_000 * 60,
        school_cents=654_321_099,
        company_cents=-654_321_099,
        vat_cents=123_456_789,
        undecided=57,
    )
    cell = SHUTTER.shown(found(total=amounts), now=True).total
    assert cell.places == 901
    for shown, exact, step in (
        (cell.matches, 723, 5),
        (cell.expected, 311, 5),
        (cell.hours, 90_000, 1000),
        (cell.school_euros, 6_543_210, 100_000),
        (-(cell.company_euros or 0), 6_543_210, 100_000),
        (cell.vat_euros, 1_234_567, 100_000),
        (cell.vat_undecided, 57, 5),
    ):
        assert shown is not None
        assert shown % step == 0
        assert abs(shown - exact) < step


def test_small_cells_are_left_out() -> None:
    one = Amounts(places=3, matches=1, expected=9000, minutes=90, school_cents=9000, company_cents=-1, vat_cents=5)
    plan = SHUTTER.shown(
        found(
            people=4,
            total=one,
            groups={"region": {"AM13": one}},
            bindings=(Binding(rule="DISTANCE", pairs=4, alone=1),),
            moves=Moves(filled=1, emptied=2, planned=3, dropped=4, elsewhere=1),
        ),
        now=False,
    )
    hidden = Cell(
        places=3, matches=None, expected=None, hours=None, school_euros=None, company_euros=None, vat_euros=None,
        vat_undecided=None,
    )  # fmt: skip
    assert plan.people is None
    assert (plan.total, plan.groups[0].amounts) == (hidden, hidden)
    assert (plan.bindings[0].pairs, plan.bindings[0].alone) == (None, None)
    assert plan.moved is not None
    assert set(dataclasses.astuple(plan.moved)) == {None}


def test_the_plan_of_now_moves_nobody() -> None:
    assert SHUTTER.shown(found(), now=True).moved is None


def test_rules_come_in_the_order_of_their_rounded_numbers() -> None:
    exact = (("ROLE", 902, 901), ("VOG", 3000, 3000), ("SUBJECT", 4, 3), ("AVAILABLE", 2, 1))
    bindings = tuple(Binding(rule=rule, pairs=pairs, alone=alone) for rule, pairs, alone in exact)
    shown = SHUTTER.shown(found(bindings=bindings), now=True).bindings
    assert [each.rule for each in shown] == ["VOG", "ROLE", "AVAILABLE", "SUBJECT"]


@pytest.mark.parametrize("number", range(40))
def test_two_scenarios_that_differ_by_one_person_mostly_show_the_same(number: int) -> None:
    shutters = [Shutter.of(POLICIES, TODAY, bytes([secret])) for secret in range(60)]
    moved = sum(
        each.shown(found(people=number), now=True).people != each.shown(found(people=number + 1), now=True).people
        for each in shutters
    )
    assert moved <= 30


def test_the_worth_of_a_plan_in_points_is_not_shown() -> None:
    plan = SHUTTER.shown(found(), now=True)
    assert not {"value", "bound"} & {each.name for each in dataclasses.fields(plan)}
    assert (plan.gap_per_million, plan.optimal, plan.cut) == (250_000, False, True)


def simulated(change: dict[str, Estimate] | None = None, **measures: Estimate) -> Years:
    nothing = Estimate(mean=0, low=0, high=0)
    names = ("filled", "asked", "letters", "in_vain", "median_hours", "p90_hours")
    zeros = dict.fromkeys(names, nothing)
    found_ = Simulated(
        runs=10, places=900, measures=zeros | measures, change=None if change is None else zeros | change
    )
    shown = SHUTTER.shown(found(simulated=found_), now=change is None).simulated
    assert shown is not None
    return shown


def test_numbers_of_simulated_years_are_rounded_as_people_are_and_times_to_days() -> None:
    many = Estimate(mean=723, low=700, high=746)
    shown = simulated(
        filled=many,
        letters=Estimate(mean=2892, low=2800, high=2950),
        median_hours=Estimate(mean=217, low=210, high=220),
    )
    filled, days = shown.measured.filled, shown.measured.median_days
    for number, exact in ((filled.mean, 723), (filled.low, 700), (filled.high, 746)):
        assert number is not None
        assert number % 5 == 0
        assert abs(number - exact) < 5
    assert days.mean in {9, 10}
    assert shown.filled_percent in {79, 80}
    assert shown.letters_per_hundred_placements is not None
    assert abs(shown.letters_per_hundred_placements - 400) < 5
    assert shown.change is None


def test_of_few_placements_no_time_is_shown_and_of_very_few_nothing() -> None:
    days = Estimate(mean=240, low=200, high=300)
    some = simulated(filled=Estimate(mean=29, low=20, high=30), median_hours=days, p90_hours=days)
    assert some.measured.filled.mean is not None
    assert (some.measured.median_days, some.measured.p90_days) == (Range(), Range())
    few = simulated(filled=Estimate(mean=3, low=2, high=4), letters=Estimate(mean=4, low=3, high=4), median_hours=days)
    assert few.measured == Measured()
    assert (few.filled_percent, few.letters_per_hundred_placements) == (None, None)
    enough = simulated(filled=Estimate(mean=30, low=20, high=30), median_hours=days)
    assert enough.measured.median_days.mean in {10, 11}


def test_a_difference_is_certain_only_where_both_ends_are_shown_on_one_side() -> None:
    enough = Estimate(mean=700, low=690, high=710)
    change = {
        "filled": Estimate(mean=40, low=20, high=60),
        "asked": Estimate(mean=-40, low=-60, high=-20),
        "letters": Estimate(mean=5, low=-40, high=50),
        "in_vain": Estimate(mean=12, low=1, high=23),
        "median_hours": Estimate(mean=-100, low=-120, high=-80),
    }
    shown = simulated(change, filled=enough).change
    assert shown is not None
    assert shown.filled.mean is not None
    assert shown.asked.mean is not None
    assert (shown.filled.mean > 0 > shown.asked.mean, shown.filled.is_certain, shown.asked.is_certain) == (True,) * 3
    assert not shown.letters.is_certain
    assert (shown.asked_in_vain.low, shown.asked_in_vain.is_certain) == (None, False)
    assert shown.median_days.mean in {-4, -5}
    assert shown.p90_days == Range()


def test_a_scenario_without_years_shows_none_and_asks_for_no_policy_of_them() -> None:
    without = dataclasses.replace(POLICIES, rows={c: r for c, r in POLICIES.rows.items() if c != "matching.simulation"})
    shutter = Shutter.of(without, TODAY, b"secret")
    assert shutter.shown(found(), now=True).simulated is None
