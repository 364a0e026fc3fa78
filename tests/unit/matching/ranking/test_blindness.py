"""What a party may know of a candidate: a pseudonym that leads nowhere, and bands that several share."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.profile.model.distance import Place
from matching.profile.model.week import Week
from matching.ranking.model.blindness import Bands, Blindness, Pseudonyms
from tests.unit.matching.ranking.ranking_examples import POLICIES, TODAY, opening, ranked, trainer

BLINDNESS = Blindness.of(POLICIES, TODAY)
VACANCY, OTHER_VACANCY, SOMEBODY, SOMEBODY_ELSE = (UUID(int=number) for number in range(1, 5))


def shown(*kilometres: float, **other: Any) -> list[Bands]:
    """The bands of trainers at these distances to the north."""
    place = opening().place
    far = [
        trainer(
            number, place=Place(latitude=place.latitude + round(km / 111.2 * 1e6), longitude=place.longitude), **other
        )
        for number, km in enumerate(kilometres, start=1)
    ]
    ranking = ranked(opening(), *far)
    return [bands for _, bands in sorted(BLINDNESS.bands(ranking).items())]


def test_a_candidate_id_is_the_same_for_one_viewer_of_one_round_of_one_vacancy_only() -> None:
    names = Pseudonyms(b"k" * 32)
    ids = {
        names.of(VACANCY, 1, ("school", "a"), SOMEBODY),
        names.of(OTHER_VACANCY, 1, ("school", "a"), SOMEBODY),
        names.of(VACANCY, 2, ("school", "a"), SOMEBODY),
        names.of(VACANCY, 1, ("school", "b"), SOMEBODY),
        names.of(VACANCY, 1, ("desk", "a"), SOMEBODY),
        names.of(VACANCY, 1, ("school", "a"), SOMEBODY_ELSE),
        Pseudonyms(b"l" * 32).of(VACANCY, 1, ("school", "a"), SOMEBODY),
    }
    assert len(ids) == 7
    assert names.of(VACANCY, 1, ("school", "a"), SOMEBODY) in ids
    assert {each.version for each in ids} == {4}


def test_a_band_begins_above_the_one_before_it() -> None:
    bands = shown(*[5.0] * 3, *[9.9] * 3, *[10.6] * 3, *[24.9] * 3, *[25.6] * 3, *[39.8] * 3)
    assert [each.distance_km for each in bands[::3]] == ["0-10", "0-10", "10-25", "10-25", "25-40", "25-40"]
    assert {(each.subject, each.hours_percent) for each in bands} == {("same", "100")}


def test_beyond_the_last_limit_a_band_is_open() -> None:
    assert [each.distance_km for each in shown(*[60.0] * 3, travel_limit_km=80)] == ["40+"] * 3


def test_a_value_shared_by_fewer_than_a_group_is_not_shown() -> None:
    assert [each.distance_km for each in shown(1, 2, 3, 20)] == ["0-25"] * 4
    assert [each.distance_km for each in shown(1, 2, 3, 20, 21, 30)] == ["0-10"] * 3 + ["10-40"] * 3
    assert [each.distance_km for each in shown(1, 20, 21, 30, 31, 32)] == ["0-25"] * 3 + ["25-40"] * 3
    assert shown(1, 20) == [Bands(), Bands()]
    mixed = BLINDNESS.bands(ranked(opening(), trainer(1), trainer(2), trainer(3, subjects=frozenset({"pie"}))))
    assert {bands.subject for bands in mixed.values()} == {None}


def test_hours_that_too_few_can_be_there_are_shown_with_others() -> None:
    half = Week.of([(2, 510, 690)])
    alone = ranked(opening(), *(trainer(number) for number in range(1, 5)), trainer(5, availability=half))
    assert {bands.hours_percent for bands in BLINDNESS.bands(alone).values()} == {"50-100"}
    some = [trainer(number, availability=half) for number in range(5, 8)]
    together = BLINDNESS.bands(ranked(opening(), *(trainer(number) for number in range(1, 5)), *some))
    assert Counter(bands.hours_percent for bands in together.values()) == {"100": 4, "50-99": 3}


def test_the_best_bands_come_first() -> None:
    order = [
        Bands(subject="same", distance_km="0-10", hours_percent="100"),
        Bands(subject="same", distance_km="0-10", hours_percent="50-99"),
        Bands(subject="same", distance_km="10-25", hours_percent="100"),
        Bands(subject="same", distance_km="40+", hours_percent="100"),
        Bands(subject="same"),
        Bands(subject="related", distance_km="0-10", hours_percent="100"),
        Bands(),
    ]
    assert sorted(order, key=lambda bands: bands.order) == order


def test_a_small_count_is_hidden_and_another_one_rounded() -> None:
    assert [BLINDNESS.count(exact) for exact in (0, 4, 5, 9, 10, 64)] == [None, None, 5, 5, 10, 60]


def test_the_rejected_are_counted_per_rule() -> None:
    ranking = ranked(opening(), *(trainer(number, languages=frozenset({"en"})) for number in range(1, 8)))
    counted = BLINDNESS.rejections(ranking)
    assert (counted["LANGUAGE"], counted["DISTANCE"]) == (5, None)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 39), st.sampled_from(["same", "other"])), max_size=25))
def test_no_trainer_who_fits_is_alone_with_the_shown_values(crowd: list[tuple[float, str]]) -> None:
    place = opening().place
    pool = [
        trainer(
            number,
            place=Place(latitude=place.latitude + round(km / 111.2 * 1e6), longitude=place.longitude),
            **({} if subject == "same" else {"subjects": frozenset({"somethingelse"})}),
        )
        for number, (km, subject) in enumerate(crowd, start=1)
    ]
    ranking = ranked(opening(), *pool)
    bands = Counter(BLINDNESS.bands(ranking).values())
    assert sum(bands.values()) == int((ranking.failed == 0).sum())
    shared = [count for combination, count in bands.items() if combination != Bands()]
    assert all(count >= BLINDNESS.smallest_group for count in shared)
