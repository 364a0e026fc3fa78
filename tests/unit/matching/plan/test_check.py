"""The checker names every rule that a plan breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from matching.plan.model.check import check, value
from matching.plan.model.market import POINT, Cap, Engagement, Market, Pair, Part, Step, Weights
from matching.profile.model.week import Week
from tests.unit.matching.plan.plan_examples import (
    MONDAY,
    MONDAY_LATE,
    TUESDAY,
    market,
    opening,
    pair,
    person,
    way,
)

TWO = [opening(1), opening(2, location=2, board=2)]


def plan_of(pairs: Sequence[Pair], *people: object, **more: object) -> Market:
    return market(people or [person(1)], more.pop("openings", TWO), pairs, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("drawn", "fault"),
    [
        (plan_of([pair(1, 1), pair(1, 2)], person(1, most=1)), "holds 2 openings and at most 1 are to be"),
        (plan_of([pair(1, 1), pair(1, 1, form="other")], openings=[opening(1, places=2)]), "holds one opening twice"),
        (plan_of([pair(1, 1)], person(1, minutes=100)), "has 180 minutes and may have 100"),
        (plan_of([pair(1, 1)], person(1, limit=200, taken=30)), "has 210 minutes and may have 200"),
        (plan_of([pair(1, 1, MONDAY)], person(1, week=Week.of([TUESDAY]))), "is not available for all lessons"),
        (
            plan_of(
                [pair(1, 1)],
                caps=[Cap(person=UUID(int=1), board=UUID(int=201), forms=frozenset({"guest"}), minutes=90)],
            ),
            "has 180 minutes at board",
        ),
        (
            plan_of(
                [pair(1, 1), pair(1, 2, form="self")],
                openings=[opening(1), opening(2)],
                apart=frozenset({frozenset({"guest", "self"})}),
            ),
            "at one board",
        ),
        (plan_of([pair(1, 1, MONDAY), pair(1, 2, MONDAY)]), "has two lessons at once on 1 09:00-12:00"),
        (plan_of([pair(1, 1, MONDAY), pair(1, 2, MONDAY_LATE)]), "cannot travel between"),
        (plan_of([pair(1, 1, MONDAY), pair(1, 2, MONDAY_LATE)], travel=[way(1, 2, 31)]), "cannot travel between"),
        (
            plan_of(
                [pair(1, 1, MONDAY)],
                person(1, engagements=(Engagement(slots=Week.of([(1, 720, 760)]), location=UUID(int=302)),)),
            ),
            "cannot travel between",
        ),
        (plan_of([pair(1, 1), pair(2, 1)], person(1), person(2)), "2 places are taken of 1"),
        (
            plan_of(
                [pair(1, 1), pair(2, 1, part=Part.FIRST)],
                person(1),
                person(2),
                openings=[opening(1, shares=True)],
            ),
            "2 places are taken of 1",
        ),
        (plan_of([pair(1, 1)], excluded=frozenset({(UUID(int=1), UUID(int=101))})), "excluded"),
    ],
)
def test_a_broken_rule_is_named(drawn: Market, fault: str) -> None:
    faults = check(drawn, [each.key for each in drawn.pairs])
    assert len(faults) == 1
    assert fault in faults[0]


@pytest.mark.parametrize(
    "drawn",
    [
        plan_of([pair(1, 1, MONDAY), pair(1, 2, TUESDAY)]),
        plan_of([pair(1, 1, MONDAY), pair(1, 2, MONDAY_LATE)], travel=[way(1, 2, 30)]),
        plan_of([pair(1, 1, MONDAY), pair(1, 2, MONDAY_LATE)], openings=[opening(1), opening(2)]),
        plan_of(
            [pair(1, 1, part=Part.FIRST), pair(2, 1, part=Part.SECOND)],
            person(1),
            person(2),
            openings=[opening(1, shares=True)],
        ),
        plan_of(
            [pair(1, 1, MONDAY)], person(1, engagements=(Engagement(slots=Week.of([(1, 720, 760)]), location=None),))
        ),
        plan_of(
            [pair(1, 1), pair(1, 2)],
            caps=[Cap(person=UUID(int=1), board=UUID(int=201), forms=frozenset({"guest"}), minutes=180)],
        ),
    ],
)
def test_no_fault_is_named_where_no_rule_is_broken(drawn: Market) -> None:
    assert check(drawn, [each.key for each in drawn.pairs]) == []


def test_a_pair_that_is_not_there_is_named() -> None:
    drawn = plan_of([pair(1, 1)])
    assert check(drawn, [drawn.pairs[0].key._replace(form="other")]) == [
        f"person {UUID(int=1)} at {UUID(int=101)}: no such pair"
    ]


def test_a_pair_that_is_chosen_twice_is_named() -> None:
    drawn = plan_of([pair(1, 1, minutes=1)], openings=[opening(1, places=2)])
    assert any("chosen 2 times" in fault for fault in check(drawn, [drawn.pairs[0].key] * 2))


def test_a_pin_that_is_left_out_is_named() -> None:
    drawn = plan_of([pair(1, 1)])
    pinned = replace(drawn, pinned=frozenset({drawn.pairs[0].key}))
    assert check(pinned, []) == [f"person {UUID(int=1)} at {UUID(int=101)}: pinned and not chosen"]


def test_an_open_proposal_that_is_left_out_is_taken_off_the_value() -> None:
    drawn = plan_of([pair(1, 1), pair(1, 2)], weights=Weights(filled=1, score=0, move=1))
    standing = replace(drawn, standing=frozenset({drawn.pairs[0].key}))
    assert value(standing, [drawn.pairs[0].key]) == POINT
    assert value(standing, [drawn.pairs[1].key]) == 0


def test_the_first_places_of_a_region_and_a_subject_count_on_top() -> None:
    half, all_ = Step(share=5_000, weight=3), Step(share=10_000, weight=1)
    drawn = plan_of(
        [pair(1, 1, chance=5_000), pair(1, 2)],
        weights=Weights(filled=1, score=0, move=0, regions=(half, all_), subjects=(half,)),
    )
    assert value(drawn, [drawn.pairs[0].key]) == POINT // 2 * (1 + 3 + 3)
    assert value(drawn, [each.key for each in drawn.pairs]) == POINT // 2 * (3 + 6 + 1 + 6)
