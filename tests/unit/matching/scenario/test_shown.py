"""Everything that is stored and shown of a scenario is rounded: nothing in it points at one person."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from matching.scenario.model.figures import Amounts, Binding, Figures, Moves
from matching.scenario.model.shown import Cell, Shutter
from tests.unit.matching.ranking.ranking_examples import POLICIES, TODAY

NOTHING = Moves(filled=0, emptied=0, planned=0, dropped=0, elsewhere=0)
SHUTTER = Shutter.of(POLICIES, TODAY, b"secret")


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
