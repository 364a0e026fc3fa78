"""The openings that a trainer fits or nearly fits, and the odds: an estimate from rounded counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.opening.model import Looking, Near, Turn, Turns, odds, subjects_of
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.proposal.model.asking import Asking
from matching.ranking.model.blindness import Blindness
from matching.ranking.model.criteria import Criteria
from matching.ranking.model.outlook import others_fitting, prospect
from matching.ranking.model.screening import HardRule
from matching.vacancy.model.opening import Opening
from matching.vacancy.model.vacancy import Vacancy
from rules.forms import SchoolType
from tests.support.asking import vacancy
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    FRIDAY_MORNING,
    GRONINGEN,
    OPENINGS,
    POLICIES,
    POOLS,
    TODAY,
    UTRECHT,
    opening,
    ranked,
    trainer,
)

LOOKING = Looking.of(POLICIES, TODAY)
BLINDNESS = Blindness.of(POLICIES, TODAY)
ASKING = Asking.of(POLICIES, TODAY)


def near(person: Profile, place: Opening) -> Near | None:
    [found] = LOOKING.near(person, [place], POLICIES, TODAY)
    return found


def apart(person: Profile, **other: Any) -> int | None:
    found = near(person, opening(**other))
    return None if found is None else found.apart


def test_an_opening_that_fits_is_near_with_the_points_of_its_ranking() -> None:
    found = near(trainer(), opening())
    assert found is not None
    assert (found.apart, found.total) == (0, ranked(opening(), trainer()).shortlist[0].total)


def test_an_opening_that_two_rules_keep_apart_is_near_and_one_of_three_is_not() -> None:
    assert apart(trainer(), language="en") == 1
    assert apart(trainer(), language="en", roster=FRIDAY_MORNING) == 2
    assert apart(trainer(), language="en", roster=FRIDAY_MORNING, school_type=SchoolType.PO) is None


def test_a_rule_of_law_keeps_apart_as_any_other() -> None:
    soon = {"starts_on": date(2026, 11, 4)}
    assert apart(trainer(), **soon) == 1
    assert apart(trainer(), **soon, language="en", roster=FRIDAY_MORNING) is None


def test_a_trainer_who_pauses_still_reads_what_would_be_near() -> None:
    assert apart(trainer(paused=True, consented=False)) == 2
    assert apart(trainer(paused=True, consented=False), language="en", roster=FRIDAY_MORNING) == 4


@settings(max_examples=20)
@given(OPENINGS, POOLS)
def test_as_many_rules_keep_apart_as_a_ranking_finds(place: Opening, pool: list[Profile]) -> None:
    for person in pool:
        failed = ranked(place, person).failed_by(person.trainer_id)
        own = failed & ~(HardRule.AVAILABLE | HardRule.CONSENT)
        found = near(person, place)
        assert (found is None) == (own.bit_count() > LOOKING.rules_apart)
        assert found is None or found.apart == failed.bit_count()


def test_openings_are_looked_at_beyond_the_own_travel_limit() -> None:
    criteria = Criteria.of(POLICIES, TODAY, TODAY)
    at_home = LOOKING.box(trainer(travel_limit_km=2), criteria)
    wide = LOOKING.box(trainer(travel_limit_km=20), criteria)
    unlimited = LOOKING.box(trainer(travel_limit_km=None), criteria)
    assert (at_home.east - UTRECHT.longitude / 1e6) * 68 == pytest.approx(4, abs=0.5)
    assert at_home.east < AMERSFOORT.longitude / 1e6 < wide.east < unlimited.east < GRONINGEN.longitude / 1e6 + 1


def test_the_subjects_that_come_close_are_looked_for_as_well() -> None:
    criteria = Criteria.of(POLICIES, TODAY, TODAY)
    assert subjects_of(trainer(subjects=frozenset({"roofing", "gardening"})), criteria) == {
        "roofing", "gardening", "bwi", "construction",
    }  # fmt: skip


def test_the_own_turn_at_a_vacancy_says_whether_the_search_can_ask() -> None:
    asks = vacancy()
    one = Vacancy(id=asks.vacancy_id, facts=asks)
    nowhere = Turns(had=(), asking=(), boards=())
    assert nowhere.at(one) is Turn.FREE
    assert replace(nowhere, boards=(asks.board_id,)).at(one) is Turn.ELSEWHERE
    assert replace(nowhere, boards=(asks.board_id,), had=((one.id, 1),)).at(one) is Turn.HAD
    assert replace(nowhere, had=((one.id, 2),)).at(one) is Turn.FREE
    assert replace(nowhere, boards=(asks.board_id,), had=((one.id, 1),), asking=(one.id,)).at(one) is Turn.ASKED


def estimate(others: int, places: int = 1, chance: int = 4_000, **other: Any) -> tuple[int | None, Any]:
    found = odds(others, places, BLINDNESS, ASKING, chance=chance, askable=other.get("askable", True))
    assert found.least == 5
    return found.others, found.percent


def test_few_others_are_not_counted_and_the_chance_is_wide() -> None:
    assert estimate(0) == estimate(4) == (None, (60, 100))


def test_many_others_are_rounded_and_the_chance_follows_the_rounded_count() -> None:
    assert estimate(5) == estimate(9) == (5, (30, 50))
    assert estimate(40) == estimate(44) == (40, (6, 8))


def test_where_more_are_asked_than_fit_everybody_who_fits_is_asked() -> None:
    assert estimate(5, places=12) == (5, (100, 100))


def test_a_trainer_who_consents_probably_is_asked_with_fewer_beside() -> None:
    assert odds(50, 1, BLINDNESS, ASKING, chance=9_500, askable=True).asked_at_once == 1
    assert odds(50, 1, BLINDNESS, ASKING, chance=1_000, askable=True).asked_at_once == 3


def test_a_trainer_whom_the_search_cannot_ask_has_no_chance_to_read() -> None:
    assert estimate(7, askable=False) == (5, None)


@given(st.integers(0, 200), st.integers(1, 20), st.integers(0, 10_000))
def test_the_odds_say_no_more_of_the_others_than_the_rounded_count(others: int, places: int, chance: int) -> None:
    same = others - others % 5 if others >= 5 else 0
    assert estimate(others, places, chance) == estimate(same, places, chance)
    low, high = estimate(others, places, chance)[1]
    assert 0 <= low <= high <= 100


@settings(max_examples=20)
@given(OPENINGS, POOLS)
def test_the_others_are_counted_without_the_trainer(place: Opening, people: list[Profile]) -> None:
    everybody = Pool([*people, trainer(999)])
    without = Pool([each for each in everybody if each.trainer_id != UUID(int=999)])
    counted = prospect(place, without, POLICIES, TODAY).fitting
    assert others_fitting(place, everybody, POLICIES, TODAY, beside=UUID(int=999)) == counted
    assert others_fitting(place, without, POLICIES, TODAY, beside=UUID(int=999)) == counted


def test_a_rule_of_the_day_is_read_from_its_policy() -> None:
    assert Looking.of(POLICIES.with_value("matching.openings", atMost=3), date(2027, 1, 1)).at_most == 3
