"""How many are asked at once: the chance that all places are filled, and who is let down, counted exactly."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.words import Form
from matching.proposal.model.asking import CERTAIN, Asking, Consents, Outcome, Outcomes
from tests.unit.matching.ranking.ranking_examples import BUILT_IN

CHANCES = st.lists(st.integers(0, CERTAIN), max_size=6)
PLACES = st.integers(1, 4)


def asking(**other: int) -> Asking:
    terms = {"target_share": 9000, "most_per_place": 5, "surplus_per_place": 5000}
    chances = dict.fromkeys(Form, (4000, 2000))
    return Asking(**{**terms, **other}, bands_km=(10,), start=chances, least_sample=30, prior_weight=20)


def counted(places: int, chances: list[int]) -> tuple[Fraction, Fraction]:
    """The chance that all places are filled and the expected surplus, over every combination of answers."""
    filled = surplus = Fraction(0)
    for answers in product((True, False), repeat=len(chances)):
        probability = prod(
            (
                Fraction(chance if yes else CERTAIN - chance, CERTAIN)
                for yes, chance in zip(answers, chances, strict=True)
            ),
            start=Fraction(1),
        )
        filled += probability * (sum(answers) >= places)
        surplus += probability * max(sum(answers) - places, 0)
    return filled, surplus


@given(places=PLACES, chances=CHANCES)
def test_the_distribution_is_that_of_every_combination_of_answers(places: int, chances: list[int]) -> None:
    found, (filled, surplus) = Consents.of(places, chances), counted(places, chances)
    assert Fraction(found.weights[-1], found.whole) == filled
    placed = Fraction(sum(number * weight for number, weight in enumerate(found.weights)), found.whole)
    assert Fraction(found.expected, CERTAIN) - placed == surplus
    assert sum(found.weights) == found.whole


@given(places=PLACES, chances=CHANCES, limit=st.integers(0, CERTAIN))
def test_shares_and_limits_are_compared_exactly(places: int, chances: list[int], limit: int) -> None:
    found, (filled, surplus) = Consents.of(places, chances), counted(places, chances)
    assert found.fills(limit) == (filled >= Fraction(limit, CERTAIN))
    assert found.lets_down(limit) == (surplus > Fraction(limit, CERTAIN))


@given(places=PLACES, asked=CHANCES, following=CHANCES)
def test_one_is_asked_for_each_place_and_more_only_as_policy_allows(
    places: int, asked: list[int], following: list[int]
) -> None:
    terms = asking(most_per_place=2)
    number = terms.how_many(places, asked, following)
    together = len(asked) + number
    assert 0 <= number <= len(following)
    assert together <= max(2 * places, len(asked))
    assert number == len(following) or together >= places
    if number and together > places:
        without = Consents.of(places, [*asked, *following[: number - 1]])
        assert not without.fills(terms.target_share)
        assert not without.beside(following[number - 1]).lets_down(terms.surplus_per_place * places)
    if terms.enough(places, asked):
        assert number == 0


def test_for_a_place_at_even_chances_two_are_asked() -> None:
    """A third would let down 0.625 people: more than the half that the policy allows."""
    assert asking().how_many(1, [], [5000] * 5) == 2


def test_for_a_place_at_lower_chances_three_are_asked() -> None:
    assert asking().how_many(1, [], [4000] * 5) == 3


def test_no_more_are_asked_once_the_place_is_filled_with_the_wanted_chance() -> None:
    assert asking(surplus_per_place=99_000).how_many(1, [], [9000] * 5) == 1


def test_a_decline_is_followed_by_one_more() -> None:
    assert asking().how_many(1, [4000, 4000], [4000] * 5) == 1


def test_one_at_a_time_is_a_policy() -> None:
    terms = asking(most_per_place=1)
    assert (terms.how_many(2, [], [100] * 5), terms.how_many(2, [100, 100], [100])) == (2, 0)
    assert terms.enough(2, [100, 100])


def test_fewer_than_places_are_never_enough() -> None:
    assert not asking().enough(2, [CERTAIN])
    assert asking().enough(2, [CERTAIN] * 2)
    assert not asking().enough(1, [4000])


@pytest.mark.parametrize(("kilometres", "chance"), [(0, 4000), (10, 4000), (11, 2000), (400, 2000)])
def test_the_chance_is_that_of_the_distance_band(kilometres: int, chance: int) -> None:
    assert asking().chance(Form.GUEST, kilometres, {}) == chance


def test_a_learnt_chance_counts_beside_the_start() -> None:
    """20 outcomes of the start at 0.4, and 12 of 60 that consented: 20 of 80."""
    learnt: Outcomes = {
        (Form.GUEST, 10): Outcome(asked=60, consented=12),
        (Form.GUEST, None): Outcome(asked=60, consented=60),
    }
    assert asking().chance(Form.GUEST, 5, learnt) == 2500
    assert asking().chance(Form.GUEST, 11, learnt) == 8000
    assert asking().chance(Form.SECONDMENT, 5, learnt) == 4000, "of another form nothing is known"


@given(asked=st.integers(0, 29), consented=st.integers(0, 29))
def test_a_small_sample_changes_nothing(asked: int, consented: int) -> None:
    learnt: Outcomes = {(Form.GUEST, 10): Outcome(asked=asked, consented=min(asked, consented))}
    assert asking().chance(Form.GUEST, 0, learnt) == 4000


@given(asked=st.integers(30, 500), share=st.integers(0, 500))
def test_more_consents_never_lower_the_chance(asked: int, share: int) -> None:
    consented = min(share, asked)

    def chance(asked: int, consented: int) -> int:
        return asking().chance(Form.GUEST, 0, {(Form.GUEST, 10): Outcome(asked, consented)})

    now = chance(asked, consented)
    assert 0 <= now <= CERTAIN
    assert chance(asked + 1, consented + 1) >= now
    assert chance(asked, min(consented + 1, asked)) >= now
    assert chance(asked + 1, consented) <= now


def test_the_built_in_policy_has_a_chance_for_each_form_and_band() -> None:
    terms = Asking.of(BUILT_IN, date(2026, 11, 2))
    assert set(terms.start) == set(Form)
    assert {len(chances) for chances in terms.start.values()} == {len(terms.bands_km) + 1}
    assert all(0 < chance < CERTAIN for chances in terms.start.values() for chance in chances)
