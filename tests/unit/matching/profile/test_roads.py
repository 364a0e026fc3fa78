"""Distances by road: the great circle times a factor of policy, from home or from the company."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.profile.model.columns import weekday_bits
from matching.profile.model.distance import FARTHEST, Place, chords, hectometres
from matching.profile.model.pool import Pool
from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.road import Roads, limits
from tests.unit.matching.profile.test_ranking_distance import haversine
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    BUILT_IN,
    COMPANY,
    GRONINGEN,
    PLACES,
    TODAY,
    UTRECHT,
    trainer,
)

ROADS = Roads.of(BUILT_IN.on("matching.road", TODAY).value)
STRAIGHT = Roads.of({"perMille": 1000, "detours": []})
ENKHUIZEN, STAVOREN = Place.at(52.7036, 5.2917), Place.at(52.8831, 5.3625)
HOURS = CompanyHours(minutes_per_week=960, weekdays=frozenset({1, 2}))
REGIONS = st.sampled_from([None, "AM02", "AM13", "AM15", "AM24"])


def at_work(place: Place | None, **other: Any) -> dict[str, Any]:
    return {"company_id": COMPANY, "company_hours": HOURS, "company_place": place, **other}


def far(
    *people: Profile, to: Place, region: str | None = None, weekdays: Collection[int] = (), roads: Roads = ROADS
) -> list[int]:
    pool = Pool(people)
    found = roads.kilometres(pool.columns, len(pool), to=to, region=region, weekdays=weekdays)
    return [int(each) for each in found]


def test_a_road_is_longer_than_the_great_circle_by_the_factor_of_policy() -> None:
    assert far(trainer(), to=AMERSFOORT, roads=STRAIGHT) == [20]
    assert far(trainer(), to=AMERSFOORT) == [26]
    assert far(trainer(), to=UTRECHT) == [0]


def test_water_between_two_regions_makes_a_detour_in_both_directions() -> None:
    there = far(trainer(place=ENKHUIZEN, region="AM15"), to=STAVOREN, region="AM02")
    back = far(trainer(place=STAVOREN, region="AM02"), to=ENKHUIZEN, region="AM15")
    assert there == back == [38]
    assert far(trainer(place=ENKHUIZEN, region="AM15"), to=STAVOREN, region="AM15") == [27]


def test_water_within_a_region_makes_a_detour() -> None:
    assert (ROADS.between("AM24", "AM24"), ROADS.between("AM13", "AM13")) == (1700, 1300)


def test_a_region_that_is_not_known_has_no_detour() -> None:
    assert {ROADS.between(*pair) for pair in ((None, "AM24"), ("AM24", None), (None, None), ("AM99", "AM24"))} == {1300}


def test_no_road_is_shorter_than_the_great_circle() -> None:
    short = Roads.of({"perMille": 900, "detours": [{"regions": ["AM24"], "perMille": 10}]})
    assert (short.between(None, None), short.between("AM24", "AM24")) == (1000, 1000)


def test_a_day_at_the_company_begins_the_way_there() -> None:
    """Seen red: the distance was from home on every day."""
    works_in_groningen = trainer(1, **at_work(GRONINGEN))
    lives_in_groningen = trainer(2, place=GRONINGEN, **at_work(UTRECHT))
    both = (works_in_groningen, lives_in_groningen)
    assert far(*both, to=UTRECHT, weekdays={1}) == [207, 0]
    assert far(*both, to=UTRECHT, weekdays={5}) == [0, 207]


def test_of_days_that_begin_in_two_places_the_longest_way_counts() -> None:
    both = (trainer(1, **at_work(AMERSFOORT)), trainer(2, place=AMERSFOORT, **at_work(UTRECHT)))
    assert far(*both, to=UTRECHT, weekdays={2, 5}) == [26, 26]
    assert far(*both, to=AMERSFOORT, weekdays={2, 5}) == [26, 26]


def test_a_day_that_the_trainer_chooses_begins_at_home() -> None:
    assert far(trainer(**at_work(GRONINGEN)), to=UTRECHT, weekdays=()) == [0]


@pytest.mark.parametrize("other", [{"company_place": None}, {"company_hours": None}])
def test_without_a_known_place_or_known_days_the_way_begins_at_home(other: dict[str, Any]) -> None:
    assert far(trainer(**{**at_work(GRONINGEN), **other}), to=UTRECHT, weekdays={1}) == [0]


def test_the_detour_from_the_company_is_that_of_its_own_region() -> None:
    person = trainer(place=STAVOREN, region="AM02", **at_work(ENKHUIZEN, company_region="AM15"))
    assert far(person, to=STAVOREN, region="AM02", weekdays={1}) == [38]


def test_where_no_limit_was_named_the_radius_is() -> None:
    pool = Pool([trainer(1), trainer(2, travel_limit_km=80), trainer(3, travel_limit_km=0)])
    assert limits(pool.columns, 3, 40).tolist() == [40, 80, 0]


def test_places_beyond_every_travel_limit_are_equally_far() -> None:
    points = np.array([Place.at(0, 20).point, Place.at(0, 100).point], dtype=np.int32).T
    assert hectometres(chords(points, Place.at(0, 0))).tolist() == [FARTHEST, FARTHEST]


@given(PLACES, PLACES, st.integers(1000, 2500))
def test_a_road_is_at_most_a_hectometre_of_great_circle_and_a_kilometre_too_long(
    one: Place, other: Place, per_mille: int
) -> None:
    exact = haversine(one, other) * per_mille / 1000
    (found,) = far(trainer(place=one), to=other, roads=Roads.of({"perMille": per_mille, "detours": []}))
    assert exact - 0.01 <= found <= exact + 0.1 * per_mille / 1000 + 1.01


@given(
    st.lists(st.tuples(PLACES, st.none() | PLACES, REGIONS, REGIONS), min_size=1, max_size=9),
    PLACES,
    REGIONS,
    st.sets(st.integers(1, 5)),
)
def test_a_pool_gives_what_each_trainer_gives_alone(
    places: list[tuple[Place, Place | None, str | None, str | None]], school: Place, region: str | None, days: set[int]
) -> None:
    people = [
        trainer(number, place=home, region=here, **at_work(company, company_region=there))
        for number, (home, company, here, there) in enumerate(places, start=1)
    ]

    def alone(person: Profile) -> int:
        def way(place: Place, begins_in: str | None) -> int:
            straight = hectometres(chords(np.array([place.point], dtype=np.int32).T, school))
            return math.ceil(int(straight[0]) * ROADS.between(begins_in, region) / 10_000)

        begins = {(person.place, person.region)} if not days or days - HOURS.weekdays else set()
        if person.company_place is None:
            begins = {(person.place, person.region)}
        elif days & HOURS.weekdays:
            begins |= {(person.company_place, person.company_region)}
        return max(way(*each) for each in begins)

    assert far(*people, to=school, region=region, weekdays=days) == [alone(person) for person in people]


def test_weekdays_are_bits_from_monday_on() -> None:
    assert (weekday_bits(()), weekday_bits({7, 1})) == (0, 0b1000001)
