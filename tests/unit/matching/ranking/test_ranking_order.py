"""The order: total, repeatable, and nobody's place depends on who else is there."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.ranking.model.assessment import Standing
from matching.ranking.model.ranking import Ranking, rank
from matching.ranking.model.replay import outcome
from matching.ranking.model.screening import HardRule
from matching.vacancy.model.opening import Opening
from rules.forms import SchoolType, TeachingRole
from rules.qualification import Credential, Held
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    CANDIDATES,
    CROWDS,
    OPENING,
    OPENINGS,
    POLICIES,
    POOLS,
    TODAY,
    VACANCIES,
    by_lot,
    opening,
    proposable,
    ranked,
    trainer,
)

PDG = (Held(credential=Credential.PDG),)


def order(ranking: Ranking) -> list[UUID]:
    """Everybody who passed the arithmetic and is not known to fail the law, best first."""
    return [
        ranking.evidence.profiles[row].trainer_id for row, how in ranking.standings() if how is not Standing.REJECTED
    ]


def test_an_empty_pool_has_an_empty_shortlist() -> None:
    ranking = ranked(opening())
    assert ranking.shortlist == ()
    assert ranking.complete
    assert list(ranking.standings()) == []


def test_the_best_comes_first_and_ties_go_by_lot() -> None:
    ranking = ranked(opening(), trainer(3), trainer(2, place=AMERSFOORT), trainer(1 << 70), trainer(1))
    assert proposable(ranking) == [*by_lot(1, 3, 1 << 70), 2]


def test_of_equals_the_trainer_who_was_asked_longest_ago_comes_first() -> None:
    never, lately, long_ago = trainer(1), trainer(2, asked_on=date(2026, 10, 30)), trainer(3, asked_on=date(2026, 3, 1))
    assert proposable(ranked(opening(), lately, long_ago, never)) == [1, 3, 2]
    better = trainer(4, asked_on=TODAY)
    assert proposable(ranked(opening(), trainer(5, months=12), better)) == [4, 5], "only equals take turns"


def test_the_order_of_a_list_that_parties_see_does_not_follow_who_was_asked() -> None:
    people = [trainer(number, asked_on=date(2026, 10, number)) for number in range(1, 6)]
    blind = rank(opening(), Pool(people), POLICIES, TODAY, open_counts=False)
    assert proposable(blind) == by_lot(*range(1, 6))


@pytest.mark.parametrize("number", [2, 7, 1 << 90])
def test_twins_are_first_equally_often(number: int) -> None:
    """Over many vacancies neither the one who registered first nor the lower id wins."""
    wins = 0
    for vacancy in range(400):
        place = opening(vacancy_id=UUID(int=vacancy))
        wins += proposable(ranked(place, trainer(1), trainer(number)))[0] == 1
    assert 150 < wins < 250, "400 fair draws leave this range once in two million"


def test_the_lottery_can_be_drawn_again_by_anybody() -> None:
    """The published mix, in plain integers, gives the lots that the columns gave."""
    evidence = ranked(opening(), *map(trainer, range(1, 9))).evidence
    seed = int.from_bytes(hashlib.sha256(f"{OPENING.vacancy_id}/2026-11-02".encode()).digest()[:8], "big")
    assert evidence.lottery_seed == seed

    def mixed(number: int) -> int:
        number = (number + 0x9E3779B97F4A7C15) % 2**64
        number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) % 2**64
        number = ((number ^ number >> 27) * 0x94D049BB133111EB) % 2**64
        return number ^ number >> 31

    drawn = {number: mixed(mixed(seed) ^ number) for number in range(1, 9)}
    assert by_lot(*range(1, 9)) == sorted(drawn, key=lambda number: drawn[number])


@given(OPENINGS | VACANCIES, POOLS | CROWDS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(place: Opening, pool: list[Profile], dice: Any) -> None:
    shuffled = list(pool)
    dice.shuffle(shuffled)
    assert outcome(ranked(place, *shuffled)) == outcome(ranked(place, *pool))


@given(VACANCIES, CROWDS)
def test_a_worse_candidate_changes_nothing_for_the_others(place: Opening, crowd: list[Profile]) -> None:
    before = ranked(place, *crowd)
    last = next((person for person in crowd if order(before)[-1:] == [person.trainer_id]), crowd[0])
    newcomer = replace(last, trainer_id=UUID(int=2**128 - 1), subjects=frozenset(), months=100)
    after = ranked(place, *crowd, newcomer)
    assert after.shortlist[: len(before.shortlist)] == before.shortlist
    assert order(after) in (order(before), [*order(before), newcomer.trainer_id])


@given(VACANCIES, CROWDS, CANDIDATES)
def test_a_trainer_who_comes_or_goes_does_not_move_the_others(
    place: Opening, crowd: list[Profile], other: Profile
) -> None:
    newcomer = replace(other, trainer_id=UUID(int=2**128 - 1))
    after = ranked(place, *crowd, newcomer)
    assert [each for each in order(after) if each != newcomer.trainer_id] == order(ranked(place, *crowd))


@given(VACANCIES, CROWDS)
def test_the_shortlist_is_ordered_by_total_then_lot(place: Opening, crowd: list[Profile]) -> None:
    shortlist = ranked(place, *crowd).shortlist
    lot = by_lot(*(found.trainer_id.int for found in shortlist), place=place).index if shortlist else int
    keys = [(-found.total, lot(found.trainer_id.int)) for found in shortlist]
    assert keys == sorted(keys)


@given(VACANCIES, CROWDS)
def test_asking_the_law_in_groups_decides_as_asking_everybody(place: Opening, crowd: list[Profile]) -> None:
    alone = [person.trainer_id for person in crowd if ranked(place, person).shortlist]
    together = [found.trainer_id for found in ranked(place, *crowd).shortlist]
    assert sorted(together) == sorted(alone)


def test_the_search_stops_when_enough_pass() -> None:
    few = POLICIES.with_value("matching.limits", shortlistSize=2)
    ranking = ranked(opening(), *map(trainer, range(1, 6)), policies=few)
    order = by_lot(*range(1, 6))
    assert proposable(ranking) == order[:2]
    assert ranking.complete
    assert [how for _, how in ranking.standings()] == [Standing.SHORTLISTED] * 2 + [Standing.RESERVE] * 3
    assert ranking.explain(UUID(int=order[3])).standing is Standing.RESERVE
    assert ranking.explain(UUID(int=order[0])) is ranking.shortlist[0]


def test_a_reserve_whom_the_law_forbids_is_found_out_when_asked() -> None:
    few = POLICIES.with_value("matching.limits", shortlistSize=1)
    place = opening(school_type=SchoolType.MBO, role=TeachingRole.TEACHER)
    ranking = ranked(place, trainer(1, held=PDG), trainer(2, place=AMERSFOORT), policies=few)
    assert [how for _, how in ranking.standings()] == [Standing.SHORTLISTED, Standing.RESERVE]
    assert ranking.explain(UUID(int=2)).standing is Standing.REJECTED


def test_one_refused_kind_takes_out_all_of_its_kind() -> None:
    """A thousand unqualified people before the qualified one cost one question, not a thousand."""
    cheap = POLICIES.with_value("matching.limits", examineAtMost=2)
    place = opening(school_type=SchoolType.MBO, role=TeachingRole.TEACHER)
    crowd = [trainer(number) for number in range(1, 1001)]
    ranking = ranked(place, *crowd, trainer(5000, held=PDG, place=AMERSFOORT), policies=cheap)
    assert proposable(ranking) == [5000]
    assert ranking.complete
    assert set(ranking.failed[:1000].tolist()) == {int(HardRule.ELIGIBILITY)}


def test_a_search_that_becomes_too_expensive_says_so() -> None:
    cheap = POLICIES.with_value("matching.limits", examineAtMost=2)
    place = opening(school_type=SchoolType.MBO, role=TeachingRole.TEACHER)
    people = [trainer(number, experience_years=number) for number in range(1, 4)]
    ranking = ranked(place, *people, trainer(9, held=PDG, place=AMERSFOORT), policies=cheap)
    assert ranking.shortlist == ()
    assert not ranking.complete


CHANGES = st.lists(st.tuples(st.booleans(), st.integers(1, 6), CANDIDATES), max_size=25)


@given(CHANGES, VACANCIES)
def test_a_pool_kept_up_to_date_ranks_as_one_made_anew(
    changes: list[tuple[bool, int, Profile]], place: Opening
) -> None:
    kept, known = Pool(), dict[UUID, Profile]()
    for stays, number, profile in changes:
        one = replace(profile, trainer_id=UUID(int=number))
        if stays:
            kept.put(one)
            known[one.trainer_id] = one
        else:
            kept.remove(one.trainer_id)
            known.pop(one.trainer_id, None)
        assert (len(kept), one.trainer_id in kept) == (len(known), stays)
    assert {profile.trainer_id: profile for profile in kept} == known
    assert outcome(rank(place, kept, POLICIES, TODAY)) == outcome(ranked(place, *known.values()))


def test_a_pool_grows_and_shrinks_far_beyond_its_first_room() -> None:
    pool = Pool(trainer(number, subjects=frozenset({f"trade-{number}"})) for number in range(1, 301))
    for number in range(1, 301):
        place = opening(subject=f"trade-{number}")
        if number in {1, 64, 65, 150, 300}:
            assert proposable(rank(place, pool, POLICIES, TODAY))[0] == number
    for number in range(1, 300):
        pool.remove(UUID(int=number))
    left = rank(opening(subject="trade-300"), pool, POLICIES, TODAY)
    assert [found.trainer_id.int for found in left.shortlist] == [300]


def test_a_ranking_does_not_change_with_the_pool() -> None:
    pool = Pool([trainer(1), trainer(2)])
    ranking = rank(opening(), pool, POLICIES, TODAY)
    before = outcome(ranking)
    pool.put(trainer(1, paused=True))
    pool.remove(UUID(int=2))
    pool.put(trainer(3))
    assert outcome(ranking) == before
    assert ranking.explain(UUID(int=2)).verdict.ok


def test_removing_a_stranger_is_nothing() -> None:
    pool = Pool([trainer(1)])
    pool.remove(UUID(int=2))
    assert len(pool) == 1


def test_a_bonus_is_policy() -> None:
    worth = POLICIES.with_value("matching.bonuses", shortage=50)
    (found,) = ranked(opening(), trainer(), policies=worth).shortlist
    assert {earned.bonus.value: earned.points for earned in found.bonuses} == {"shortage": 50}


def test_a_pool_forgets_what_nobody_holds_any_more() -> None:
    pool = Pool([trainer(1), trainer(2, experience_years=9), trainer(3, held=PDG)])
    pool.put(trainer(2))
    pool.remove(UUID(int=3))
    assert set(pool._kinds._known) == {trainer().kind}
    pool.remove(UUID(int=1))
    assert set(pool._kinds._known) == {trainer().kind}
    pool.remove(UUID(int=2))
    assert not pool._kinds._known
