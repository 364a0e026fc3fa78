"""Distances: whole kilometres, exactly the same for every order and number of places."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid
from matching.profile.model.distance import EARTH_RADIUS_KM, Place, chords, kilometres
from tests.unit.matching.ranking.ranking_examples import AMERSFOORT, GRONINGEN, PLACES, UTRECHT

ANYWHERE = st.builds(
    Place, latitude=st.integers(-90_000_000, 90_000_000), longitude=st.integers(-180_000_000, 180_000_000)
)


def haversine(one: Place, other: Place) -> float:
    """The textbook formula, in kilometres."""
    north, other_north = math.radians(one.latitude / 1e6), math.radians(other.latitude / 1e6)
    apart = math.radians((other.longitude - one.longitude) / 1e6)
    square = math.sin((other_north - north) / 2) ** 2
    square += math.cos(north) * math.cos(other_north) * math.sin(apart / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(math.sqrt(square), 1))


@given(ANYWHERE, ANYWHERE)
def test_the_distance_is_the_haversine_rounded_up(one: Place, other: Place) -> None:
    exact = haversine(one, other)
    # The grid is a decimetre, which near the antipodes, where the chord hardly grows any more, is kilometres.
    slack = 0.005 if exact < 19_000 else 3.0
    assert exact - slack <= one.kilometres_to(other) <= exact + 1 + slack


@given(PLACES, PLACES)
def test_the_way_back_is_as_long(one: Place, other: Place) -> None:
    assert one.kilometres_to(other) == other.kilometres_to(one)


@given(st.lists(PLACES, min_size=1, max_size=9), PLACES)
def test_a_column_of_places_gives_what_each_gives_alone(places: list[Place], here: Place) -> None:
    points = np.array([place.point for place in places], dtype=np.int32).T
    assert kilometres(chords(points, here)).tolist() == [place.kilometres_to(here) for place in places]


def test_known_towns() -> None:
    assert UTRECHT.kilometres_to(UTRECHT) == 0
    assert UTRECHT.kilometres_to(AMERSFOORT) == 20
    assert UTRECHT.kilometres_to(GRONINGEN) == 159


@pytest.mark.parametrize(("latitude", "longitude", "field"), [(90.1, 0, "latitude"), (0, -180.1, "longitude")])
def test_a_place_off_the_globe_is_refused(latitude: float, longitude: float, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Place.at(latitude, longitude)
    assert [param.name for param in refused.value.params] == [field]
