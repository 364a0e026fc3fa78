"""A plan from its request on, and the figures beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from events.matching import PlanComputed
from matching.plan.model.details import details, read_details
from matching.plan.model.market import Market, Part
from matching.plan.model.plan import solve
from matching.plan.model.quality import blocking, exchanges
from matching.plan.model.run import NotPossible, PlanRun, Status, Wish
from tests.unit.matching.plan.plan_examples import market, opening, pair, person
from tests.unit.matching.plan.run_examples import RESULT

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def requested(*regions: str) -> PlanRun:
    return PlanRun.request(UUID(int=1), by="desk", regions=frozenset(regions), at=NOON)


def test_a_plan_of_one_region_is_its_desks_and_one_of_more_is_the_programmes() -> None:
    assert requested("AM02").region == "AM02"
    assert (requested("AM02", "AM01").region, requested("AM02", "AM01").regions) == (None, ("AM01", "AM02"))
    assert (requested().region, requested().regions) == (None, ())


def test_a_run_that_is_begun_again_takes_another_snapshot() -> None:
    begun, _ = requested().start(NOON, NOON.date(), 1)
    again, events = begun.start(NOON, NOON.date().replace(day=3), 2)
    assert (again.day, again.policy_version, events) == (NOON.date().replace(day=3), 2, [])


def test_a_computed_plan_publishes_figures_and_no_people() -> None:
    begun, _ = requested("AM01").start(NOON, NOON.date(), 4)
    plan, [event] = begun.complete(RESULT, NOON)
    assert isinstance(event, PlanComputed)
    assert (event.regions, event.value, event.bound, event.gap_per_million) == (["AM01"], 900, 1000, 100_000)
    assert (event.policy_version, event.snapshot_on) == (4, NOON.date())
    assert (plan.case, plan.parties.ids()) == (plan.id, frozenset())


def test_a_cancelled_plan_stays_cancelled() -> None:
    cancelled, _ = requested().cancel(NOON)
    assert cancelled.cancel(NOON.replace(hour=13)) == (cancelled, [])


def test_each_wave_counts() -> None:
    begun, _ = requested().start(NOON, NOON.date(), 4)
    plan, _ = begun.complete(RESULT, NOON)
    first, _ = plan.publish()
    second, _ = first.publish()
    assert (first.waves, second.waves, second.status) == (1, 2, Status.PUBLISHED)


def test_only_a_computed_plan_can_be_looked_at() -> None:
    with pytest.raises(NotPossible, match="requested"):
        requested().must_have_a_plan("compared")


def test_pins_and_exclusions_are_wishes() -> None:
    wish = Wish(trainer_id=UUID(int=2), vacancy_id=UUID(int=3))
    assert not requested().wishes
    assert replace(requested(), pins=(wish,)).wishes
    assert replace(requested(), exclusions=(wish,)).wishes


@pytest.mark.parametrize(
    ("changes", "empty"),
    [
        ({}, None),
        ({"openings": 0}, "no_openings"),
        ({"available": 0}, "nobody_available"),
        ({"pairs": 0}, "nobody_fits"),
    ],
)
def test_an_empty_plan_says_why(changes: dict[str, int], empty: str | None) -> None:
    assert replace(RESULT, **changes).empty == empty  # type: ignore[arg-type]


def test_the_details_of_a_plan_name_scores_chances_and_the_reserve_once_per_person() -> None:
    shared = replace(opening(1), shares=True)
    halves = [replace(pair(each, 1, score=9000 - each), part=part) for each in (1, 2, 3) for part in Part]
    made = market([person(1), person(2), person(3)], [shared], halves)
    plan = solve(made)
    found = read_details(details(made, plan))
    chosen = [each for each in found.assigned if each.place == 0]
    reserve = [each for each in found.assigned if each.place > 0]
    assert len(chosen) == len(plan.chosen)
    assert [each.place for each in reserve] == list(range(1, len(reserve) + 1))
    assert len({each.trainer_id for each in reserve}) == len(reserve) > 0
    assert {each.cost is None for each in chosen} == {True}
    assert {each.cost is None for each in reserve} == {False}
    assert (found.people, found.openings, found.pairs) == (3, 1, 9)
    assert [each.kind for each in found.groups] == ["region", "subject"]


def test_the_details_of_a_plan_show_what_one_place_more_would_bring_at_each_vacancy() -> None:
    made = market([person(1), person(2)], [opening(1), opening(2)], [pair(1, 1, score=9000), pair(2, 1, score=8000)])
    plan = solve(made)
    wanted, empty = read_details(details(made, plan)).planned
    assert (wanted.vacancy_id, wanted.places, wanted.filled, wanted.candidates) == (made.openings[0].id, 1, 2, 2)
    assert wanted.expected == 2 * next(each.chance for each in made.pairs)
    more = solve(replace(made, openings=(replace(made.openings[0], places=2), made.openings[1])))
    assert wanted.price >= more.value - plan.value > 0
    assert (empty.filled, empty.expected, empty.price, empty.candidates) == (0, 0, 0, 0)


def test_the_price_of_a_place_that_may_be_shared_is_that_of_both_halves() -> None:
    shared = replace(opening(1), shares=True)
    halves = [replace(pair(each, 1, score=9000 - each), part=part) for each in (1, 2, 3) for part in Part]
    made = market([person(1), person(2), person(3)], [shared], halves)
    plan = solve(made)
    [found] = read_details(details(made, plan)).planned
    assert found.price == sum(price for _, _, price in plan.places)
    assert (found.filled, found.candidates) == (2, 3)


def test_the_details_of_a_plan_count_blocking_pairs_and_exchanges() -> None:
    made = market(
        [person(1), person(2)],
        [opening(1), opening(2)],
        [pair(1, 1, score=1000), pair(1, 2, score=9000), pair(2, 1, score=9000), pair(2, 2, score=1000)],
        pinned=frozenset(),
    )
    worst = replace(solve(made), chosen=tuple(sorted(each.key for each in made.pairs if each.score == 1000)))
    found = read_details(details(made, worst))
    assert found.blocking == len([*blocking(made, worst.chosen)]) > 0
    assert (found.exchanges, found.exchange_gain) == (1, next(exchanges(made, worst.chosen)).gain)


def test_the_details_of_an_empty_market_are_empty() -> None:
    made: Market = market([], [], [])
    found = read_details(details(made, solve(made)))
    assert (found.people, found.assigned, found.groups, found.blocking) == (0, (), (), 0)
    assert json.loads(details(made, solve(made)))["exchanges"] == 0
