"""Plans by hand: what is chosen, why, and what is published beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import combinations
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from matching.plan.model.check import check
from matching.plan.model.market import CERTAIN, POINT, Cap, Engagement, Market, Part, Step, Weights
from matching.plan.model.plan import Plan, encode, solve
from matching.plan.model.program import Relaxation
from matching.plan.model.search import Aim, PinsDoNotFit, Watch
from matching.plan.model.table import table_of
from matching.profile.model.week import Week
from tests.unit.matching.plan.plan_examples import (
    MONDAY,
    MONDAY_LATE,
    PLAIN,
    TUESDAY,
    market,
    markets,
    opening,
    pair,
    person,
    way,
)

GOLDEN = market(
    [person(number, most=number % 3 + 1) for number in range(1, 41)],
    [
        opening(number, places=number % 2 + 1, location=number % 5, region=f"AM{number % 4}", shares=number % 3 == 0)
        for number in range(1, 31)
    ],
    [
        pair(
            who,
            where,
            (where % 5 + 1, 540 + 60 * (where % 3), 660 + 60 * (where % 3)),
            score=who * where * 97 % 9_999,
        )
        for who in range(1, 41)
        for where in range(1, 31)
        if (who * 7 + where * 11) % 5 == 0
    ],
    weights=Weights(filled=10, score=7, move=1, regions=(Step(share=5_000, weight=3),)),
    travel=[way(1, 2, 30), way(2, 3, 45), way(3, 4, 20)],
)


def held(plan: Plan) -> list[tuple[int, int]]:
    return [(key.person.int, key.opening.int - 100) for key in plan.chosen]


def test_one_person_holds_three_openings_that_go_together() -> None:
    drawn = market(
        [person(1)],
        [opening(1), opening(2), opening(3), opening(4)],
        [pair(1, 1, MONDAY), pair(1, 2, TUESDAY), pair(1, 3, (3, 540, 720)), pair(1, 4, (4, 540, 720), score=4_000)],
    )
    plan = solve(drawn)
    assert held(plan) == [(1, 1), (1, 2), (1, 3)]
    assert (plan.value, plan.gap, plan.optimal, plan.cut) == (3 * POINT * 3 // 2, 0, True, False)


def test_three_openings_that_only_go_together_in_twos_are_not_held_together() -> None:
    drawn = market(
        [person(1, minutes=500)],
        [opening(1), opening(2), opening(3)],
        [pair(1, 1, MONDAY), pair(1, 2, TUESDAY), pair(1, 3, (3, 540, 720))],
    )
    assert len(solve(drawn).chosen) == 2


def test_three_openings_under_one_cap_count_together() -> None:
    drawn = market(
        [person(1)],
        [opening(1), opening(2), opening(3)],
        [pair(1, 1, MONDAY), pair(1, 2, TUESDAY), pair(1, 3, (3, 540, 720))],
        caps=[Cap(person=UUID(int=1), board=UUID(int=201), forms=frozenset({"guest"}), minutes=500)],
    )
    assert len(solve(drawn).chosen) == 2


def test_two_openings_under_one_cap_count_together() -> None:
    drawn = market(
        [person(1)],
        [opening(1), opening(2)],
        [pair(1, 1, MONDAY), pair(1, 2, TUESDAY)],
        caps=[Cap(person=UUID(int=1), board=UUID(int=201), forms=frozenset({"guest"}), minutes=359)],
    )
    assert len(solve(drawn).chosen) == 1
    assert len(solve(replace(drawn, caps=(replace(drawn.caps[0], minutes=360),))).chosen) == 2


def test_a_place_goes_to_whom_it_brings_most_over_all() -> None:
    drawn = market(
        [person(1, most=1), person(2, most=1)],
        [opening(1), opening(2)],
        [pair(1, 1, score=9_000), pair(1, 2, score=8_000), pair(2, 1, score=8_500)],
    )
    assert held(solve(drawn)) == [(1, 2), (2, 1)]


def test_two_people_share_a_place_half_each() -> None:
    halves = [pair(1, 1, MONDAY, part=Part.FIRST), pair(2, 1, TUESDAY, part=Part.SECOND)]
    drawn = market([person(1), person(2)], [opening(1, shares=True)], [*halves, pair(1, 1, MONDAY, score=4_000)])
    plan = solve(drawn)
    assert [key.part for key in plan.chosen] == [Part.FIRST, Part.SECOND]
    assert plan.value == POINT * 3 // 2


def test_two_first_halves_do_not_make_a_place() -> None:
    halves = [pair(1, 1, MONDAY, part=Part.FIRST), pair(2, 1, MONDAY, part=Part.FIRST)]
    assert len(solve(market([person(1), person(2)], [opening(1, shares=True)], halves)).chosen) == 1


def test_an_open_proposal_stays_unless_moving_brings_more_than_it_costs() -> None:
    drawn = market(
        [person(1, most=1)],
        [opening(1), opening(2)],
        [pair(1, 1, score=5_000), pair(1, 2, score=7_000)],
        weights=Weights(filled=10, score=10, move=1),
    )
    stays = replace(drawn, standing=frozenset({drawn.pairs[0].key}))
    assert held(solve(drawn)) == [(1, 2)]
    assert held(solve(stays)) == [(1, 2)]
    assert solve(stays).value == solve(drawn).value - POINT
    dear = replace(stays, weights=Weights(filled=10, score=10, move=3))
    assert held(solve(dear)) == [(1, 1)]


def test_the_region_that_is_served_least_comes_first() -> None:
    people = [person(1, most=1), person(2, most=1)]
    openings = [opening(1), opening(2), opening(3, region="AM02")]
    pairs = [pair(1, 1), pair(1, 2), pair(2, 2), pair(2, 3, score=4_000)]
    even = solve(market(people, openings, pairs))
    fair = solve(market(people, openings, pairs, weights=replace(PLAIN, regions=(Step(share=5_000, weight=1),))))
    assert {where for _, where in held(even)} == {1, 2}
    assert held(fair) in ([(1, 1), (2, 3)], [(1, 2), (2, 3)])
    assert [(each.code, each.places, each.filled) for each in fair.figures if each.kind == "region"] == [
        ("AM01", 2, 2),
        ("AM02", 1, 2),
    ]


def test_pins_are_kept_and_their_price_shows() -> None:
    drawn = market([person(1, most=1)], [opening(1), opening(2)], [pair(1, 1, score=0), pair(1, 2)])
    wished = replace(drawn, pinned=frozenset({drawn.pairs[0].key}))
    assert held(solve(wished)) == [(1, 1)]
    assert solve(drawn).value - solve(wished).value == POINT // 2


def test_more_is_planned_beside_a_pin() -> None:
    drawn = market([person(1)], [opening(1), opening(2)], [pair(1, 1, MONDAY, score=0), pair(1, 2, TUESDAY)])
    wished = replace(drawn, pinned=frozenset({drawn.pairs[0].key}))
    assert held(solve(wished)) == [(1, 1), (1, 2)]


@pytest.mark.parametrize(
    "drawn",
    [
        market([person(1), person(2)], [opening(1)], [pair(1, 1), pair(2, 1)]),
        market([person(1)], [opening(1, places=0)], [pair(1, 1)]),
        market([person(1)], [opening(1), opening(2)], [pair(1, 1, MONDAY), pair(1, 2, MONDAY)]),
        market([person(1, week=Week())], [opening(1)], [pair(1, 1, MONDAY)]),
        market(
            [person(1)],
            [opening(number) for number in range(1, 5)],
            [pair(1, number, (number, 540, 600)) for number in range(1, 5)],
        ),
    ],
)
def test_pins_that_cannot_all_be_held_are_refused(drawn: Market) -> None:
    with pytest.raises(PinsDoNotFit):
        solve(replace(drawn, pinned=frozenset(each.key for each in drawn.pairs)))


def test_a_pair_that_a_desk_excludes_is_not_planned() -> None:
    drawn = market([person(1, most=1)], [opening(1), opening(2)], [pair(1, 1, score=9_000), pair(1, 2)])
    assert held(solve(replace(drawn, excluded=frozenset({drawn.pairs[0].key[:2]})))) == [(1, 2)]


@pytest.mark.parametrize(
    "drawn",
    [
        market([], [], []),
        market([person(1)], [], []),
        market([], [opening(1)], []),
        market([person(1)], [opening(1)], []),
        market([person(1)], [opening(1, places=0)], [pair(1, 1)]),
        market([person(1, week=Week())], [opening(1)], [pair(1, 1, MONDAY)]),
        market(
            [person(1, engagements=(Engagement(slots=Week.of([(1, 0, 1440)]), location=None),))],
            [opening(1)],
            [pair(1, 1, MONDAY)],
        ),
        market([person(1, most=0)], [opening(1)], [pair(1, 1)]),
        market([person(1, minutes=0)], [opening(1)], [pair(1, 1)]),
        market([person(1)], [opening(1)], [pair(1, 1, chance=0)]),
        market([person(1)], [opening(1)], [pair(1, 1)], weights=Weights(filled=0, score=0, move=0)),
    ],
)
def test_where_nothing_can_be_gained_nothing_is_planned_and_that_is_proven(drawn: Market) -> None:
    plan = solve(drawn)
    assert (plan.chosen, plan.value, plan.bound, plan.gap, plan.optimal) == ((), 0, 0, 0, True)
    assert json.loads(encode(plan))["chosen"] == []


def test_lessons_on_one_day_need_the_time_to_travel() -> None:
    people, openings = [person(1)], [opening(1), opening(2, location=2)]
    pairs = [pair(1, 1, MONDAY), pair(1, 2, MONDAY_LATE)]
    assert len(solve(market(people, openings, pairs)).chosen) == 1
    assert len(solve(market(people, openings, pairs, travel=[way(1, 2, 31)])).chosen) == 1
    assert len(solve(market(people, openings, pairs, travel=[way(1, 2, 30)])).chosen) == 2


def test_the_reserve_of_a_place_is_in_the_order_of_what_it_costs() -> None:
    drawn = market(
        [person(number) for number in range(1, 10)],
        [opening(1)],
        [pair(number, 1, MONDAY, score=9_000 - 1_000 * (number * 7 % 9)) for number in range(1, 10)],
    )
    plan = solve(drawn)
    ((where, part, reserves),) = plan.reserves
    assert held(plan) == [(9, 1)]
    assert (where, part) == (UUID(int=101), Part.WHOLE)
    assert [each.key.person.int for each in reserves] == [4, 8, 3, 7, 2]
    assert [each.cost for each in reserves] == sorted(each.cost for each in reserves)


def test_a_person_for_whom_something_is_pinned_is_no_reserve() -> None:
    drawn = market([person(1), person(2)], [opening(1), opening(2)], [pair(1, 1), pair(2, 2), pair(1, 2)])
    wished = replace(drawn, pinned=frozenset({drawn.pairs[0].key}))
    assert [each for each in solve(wished).reserves if each[0] == UUID(int=102)] == []


def test_prices_show_what_one_place_more_would_bring() -> None:
    drawn = market([person(1), person(2)], [opening(1)], [pair(1, 1, score=9_000), pair(2, 1, score=6_000)])
    more = replace(drawn, openings=(opening(1, places=2),))
    (price,) = [price for _, _, price in solve(drawn).places]
    assert solve(more).value - solve(drawn).value <= price


def test_a_search_that_is_cut_says_so_and_what_it_has_is_feasible() -> None:
    steps: list[str] = []
    watch = Watch(seconds=lambda: 0.0, report=lambda step, _value, _bound: steps.append(step))
    drawn = market([person(1), person(2)], [opening(1)], [pair(1, 1), pair(2, 1)])
    plan = solve(drawn, watch=watch)
    assert plan.cut
    assert check(drawn, plan.chosen) == []
    assert plan.bound >= solve(drawn).value


def test_a_programme_without_bundles_has_no_prices() -> None:
    assert Relaxation(table_of(market([person(1)], [opening(1)], []))).solve(math.inf) is None


def test_a_search_whose_programme_finds_no_prices_still_has_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Relaxation, "solve", lambda _self, _seconds: None)
    drawn = market([person(1), person(2)], [opening(1)], [pair(1, 1, score=9_000), pair(2, 1)])
    plan = solve(drawn)
    assert held(plan) == [(1, 1)]
    assert plan.bound >= solve(drawn).value >= plan.value


def test_a_search_with_time_enough_ends_by_itself() -> None:
    steps: list[str] = []
    watch = Watch(seconds=lambda: 60.0, report=lambda step, _value, _bound: steps.append(step))
    drawn = market([person(1), person(2)], [opening(1)], [pair(1, 1), pair(2, 1)])
    assert encode(solve(drawn, watch=watch)) == encode(solve(drawn))
    assert steps[0] == "prices"
    assert steps[-1] == "bundles"


def test_a_search_ends_at_the_gap_that_is_aimed_at() -> None:
    drawn = market([person(1)], [opening(1)], [pair(1, 1)])
    assert solve(drawn, Aim(gap=1_000_000)).gap <= 1_000_000


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_with_one_place_and_one_opening_each_it_is_the_assignment_problem(
    people: int, openings: int, data: st.DataObject
) -> None:
    scores = data.draw(
        st.lists(
            st.lists(st.integers(0, CERTAIN), min_size=openings, max_size=openings), min_size=people, max_size=people
        )
    )
    drawn = market(
        [person(number + 1, most=1) for number in range(people)],
        [opening(number + 1) for number in range(openings)],
        [pair(one + 1, two + 1, score=score) for one, row in enumerate(scores) for two, score in enumerate(row)],
    )
    rows, columns = linear_sum_assignment(np.array(scores), maximize=True)
    best = sum((CERTAIN + scores[one][two]) * 2 * CERTAIN for one, two in zip(rows, columns, strict=True))
    plan = solve(drawn)
    assert plan.value == best
    assert plan.gap == 0


def _proven(drawn: Market, plan: Plan) -> int:
    """The bound that the published prices prove, bundle by bundle; written without the search's code."""
    openings = {each.id: each for each in drawn.openings}
    price = {(where, part): cost for where, part, cost in plan.places}
    group = {(each.kind, each.code): each.price for each in plan.figures}
    alone = replace(drawn, pinned=frozenset())

    def gain(keys: Sequence[int]) -> int:
        total = 0
        for number in keys:
            each = drawn.pairs[number]
            where = openings[each.opening]
            amount = each.chance * each.part.halves
            total += amount * (drawn.weights.filled * CERTAIN + drawn.weights.score * each.score)
            total += amount * (group["region", where.region] + group["subject", where.subject])
            total += (each.key in drawn.standing) * drawn.weights.move * POINT
            parts = (Part.FIRST, Part.SECOND) if where.shares and each.part is Part.WHOLE else (each.part,)
            total -= sum(price.get((where.id, part), 0) for part in parts)
        return total

    bound = sum(openings[where].places * cost for (where, _), cost in price.items())
    bound -= len(drawn.standing) * drawn.weights.move * POINT
    for who in drawn.people:
        mine = [number for number, each in enumerate(drawn.pairs) if each.person == who.id]
        pins = {number for number in mine if drawn.pairs[number].key in drawn.pinned}
        bound += max(
            gain(bundle)
            for size in range(4)
            for bundle in combinations(mine, size)
            if pins <= set(bundle) and not check(alone, [drawn.pairs[number].key for number in bundle])
        )
    for each in plan.figures:
        steps = drawn.weights.regions if each.kind == "region" else drawn.weights.subjects
        reached = 0
        for step in steps:
            bound += max(step.weight * CERTAIN - each.price, 0) * (step.share - reached) * each.places * 2
            reached = step.share
    return bound


@given(markets())
def test_published_prices_prove_the_published_bound(drawn: Market) -> None:
    try:
        plan = solve(drawn)
    except PinsDoNotFit:
        return
    assert _proven(drawn, plan) == plan.bound


@given(markets(pins=False), st.data())
def test_a_rule_that_is_relaxed_never_lowers_the_value(drawn: Market, data: st.DataObject) -> None:
    before = solve(drawn)
    relaxed = data.draw(
        st.sampled_from(
            (
                replace(drawn, people=tuple(replace(each, minutes=960, limit=960, taken=0) for each in drawn.people)),
                replace(drawn, people=tuple(replace(each, most=3) for each in drawn.people)),
                replace(drawn, people=tuple(replace(each, engagements=()) for each in drawn.people)),
                replace(drawn, caps=()),
                replace(drawn, apart=frozenset()),
                replace(drawn, excluded=frozenset()),
                replace(drawn, travel=tuple(replace(each, minutes=0) for each in drawn.travel)),
            )
        )
    )
    after = solve(relaxed)
    assert after.value >= before.value
    assert after.bound >= before.value


@given(markets(pins=False))
def test_one_more_place_never_lowers_the_value(drawn: Market) -> None:
    """Without steps: a step counts a share of the places, so that more places change what it counts."""
    plain = replace(drawn, weights=replace(drawn.weights, regions=(), subjects=()))
    more = replace(plain, openings=tuple(replace(each, places=each.places + 1) for each in plain.openings))
    assert solve(more).value >= solve(plain).value


@given(markets(pins=False), st.data())
def test_one_pair_more_never_lowers_the_value(drawn: Market, data: st.DataObject) -> None:
    if not drawn.pairs:
        return
    gone = data.draw(st.sampled_from(drawn.pairs))
    fewer = replace(
        drawn,
        pairs=tuple(each for each in drawn.pairs if each is not gone),
    )
    assert solve(drawn).value >= solve(fewer).value


def test_a_watch_that_nobody_set_never_ends() -> None:
    assert Watch().seconds() == math.inf


def test_the_bytes_of_a_plan_are_the_same_on_every_python() -> None:
    plan = solve(GOLDEN)
    assert check(GOLDEN, plan.chosen) == []
    assert sha256(encode(plan)).hexdigest() == "17718f948f315f5f69bdadac8f09a755478b94a6c7cff04506352a9355489c60"
