"""Blocking pairs, exchanges and differences of plans: each one is looked for by hand, in the plainest way there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.plan.model.check import check, value
from matching.plan.model.market import Key, Market
from matching.plan.model.plan import solve
from matching.plan.model.quality import Blocking, blocking, difference, exchanges
from tests.unit.matching.plan.plan_examples import MONDAY, TUESDAY, market, markets, opening, pair, person


def lawful(of: Market, chosen: frozenset[Key]) -> bool:
    return not check(of, chosen)


def subsets(keys: frozenset[Key]) -> Iterator[frozenset[Key]]:
    """None of them, or one."""
    yield frozenset()
    yield from (frozenset({key}) for key in sorted(keys))


def blocking_by_hand(of: Market, chosen: frozenset[Key]) -> set[Key]:
    """Try every pair, every one that its person could leave for it, and every other person who could make room."""
    score = {each.key: each.score for each in of.pairs}
    found = set()
    for key in [each.key for each in of.pairs]:
        mine = frozenset(each for each in chosen if each.person == key.person)
        if any(each.opening == key.opening for each in mine):
            continue
        there = frozenset(each for each in chosen if each.opening == key.opening)
        for left in subsets(frozenset(each for each in mine if score[each] < score[key])):
            for out in subsets(frozenset(each for each in there if score[each] < score[key])):
                if lawful(of, chosen - left - out | {key}):
                    found.add(key)
    return found


def exchanges_by_hand(of: Market, chosen: frozenset[Key]) -> set[frozenset[Key]]:
    """Try every two people at two openings, in every form."""
    score = {each.key: each.score for each in of.pairs}
    found = set()
    for one in chosen:
        for other in chosen:
            for first, second in product([each.key for each in of.pairs], repeat=2):
                if one.person == other.person or one.opening == other.opening:
                    continue
                if (first.person, first.opening, first.part) != (one.person, other.opening, other.part):
                    continue
                if (second.person, second.opening, second.part) != (other.person, one.opening, one.part):
                    continue
                gains = score[first] - score[one], score[second] - score[other]
                changed = chosen - {one, other} | {first, second}
                if min(gains) >= 0 and sum(gains) > 0 and lawful(of, changed):
                    found.add(frozenset({one, other, first, second}))
    return found


@settings(max_examples=60)
@given(of=markets(pins=False))
def test_the_blocking_pairs_of_a_plan_are_those_that_are_found_by_hand(of: Market) -> None:
    chosen = frozenset(solve(of).chosen)
    assert {each.key for each in blocking(of, chosen)} == blocking_by_hand(of, chosen)


@settings(max_examples=60)
@given(of=markets(pins=False))
def test_the_exchanges_of_a_plan_are_those_that_are_found_by_hand(of: Market) -> None:
    chosen = frozenset(solve(of).chosen)
    found = {frozenset({*each.leaves, *each.takes}) for each in exchanges(of, chosen)}
    assert found == exchanges_by_hand(of, chosen)


def two_at_one() -> Market:
    return market(
        [person(1, most=1), person(2, most=1)],
        [opening(1), opening(2, location=2)],
        [
            pair(1, 1, MONDAY, score=9_000),
            pair(1, 2, TUESDAY, score=5_000),
            pair(2, 1, MONDAY, score=4_000),
            pair(2, 2, TUESDAY, score=3_000),
        ],
    )


def key_of(of: Market, who: int, where: int) -> Key:
    return next(each.key for each in of.pairs if (each.person, each.opening) == (UUID(int=who), UUID(int=100 + where)))


def test_a_person_and_an_opening_with_a_higher_score_together_block_a_plan() -> None:
    of = two_at_one()
    crossed = [key_of(of, 1, 2), key_of(of, 2, 1)]
    assert list(blocking(of, crossed)) == [
        Blocking(key=key_of(of, 1, 1), leaves=key_of(of, 1, 2), displaces=key_of(of, 2, 1))
    ]


def test_a_free_place_for_a_free_person_displaces_no_other() -> None:
    of = two_at_one()
    found = list(blocking(of, [key_of(of, 2, 1)]))
    assert Blocking(key=key_of(of, 1, 2), leaves=None, displaces=None) in found


def test_a_pinned_pair_is_neither_left_nor_displaced() -> None:
    of = two_at_one()
    crossed = [key_of(of, 1, 2), key_of(of, 2, 1)]
    for pin in crossed:
        assert list(blocking(replace(of, pinned=frozenset({pin})), crossed)) == []


def test_an_excluded_pair_blocks_nothing() -> None:
    of = two_at_one()
    without = replace(of, excluded=frozenset({(UUID(int=1), UUID(int=101))}))
    assert list(blocking(without, [key_of(of, 1, 2), key_of(of, 2, 1)])) == []


def equal_swap() -> Market:
    return market(
        [person(1, most=1), person(2, most=1)],
        [opening(1), opening(2, location=2)],
        [
            pair(1, 1, MONDAY, score=4_000),
            pair(1, 2, TUESDAY, score=6_000),
            pair(2, 1, MONDAY, score=7_000),
            pair(2, 2, TUESDAY, score=6_000),
        ],
    )


def test_two_people_who_both_gain_are_proposed_to_change_places() -> None:
    of = equal_swap()
    found = list(exchanges(of, [key_of(of, 1, 1), key_of(of, 2, 2)]))
    assert [(set(each.takes), each.gain) for each in found] == [({key_of(of, 1, 2), key_of(of, 2, 1)}, 3_000)]
    assert list(exchanges(of, [key_of(of, 1, 2), key_of(of, 2, 1)])) == []


def test_an_excluded_pair_is_no_exchange() -> None:
    of = replace(equal_swap(), excluded=frozenset({(UUID(int=1), UUID(int=102))}))
    assert list(exchanges(of, [key_of(of, 1, 1), key_of(of, 2, 2)])) == []


@given(of=markets(pins=False), more=st.integers(0, 3))
def test_a_wish_costs_what_the_best_plan_is_worth_less_with_it(of: Market, more: int) -> None:
    best = solve(of)
    if not best.chosen:
        return
    unwished = best.chosen[more % len(best.chosen)]
    other = solve(replace(of, excluded=of.excluded | {(unwished.person, unwished.opening)}))
    found = difference(of, best.chosen, other.chosen)
    assert unwished in found.dropped
    assert found.price == value(of, best.chosen) - value(of, other.chosen) >= 0
    assert len(found.dropped) + found.kept == len(best.chosen)
    assert len(found.added) + found.kept == len(other.chosen)


def test_a_plan_differs_from_itself_in_nothing() -> None:
    of = two_at_one()
    same = difference(of, [key_of(of, 1, 1)], [key_of(of, 1, 1)])
    assert (same.added, same.dropped, same.kept, same.price) == ((), (), 1, 0)
