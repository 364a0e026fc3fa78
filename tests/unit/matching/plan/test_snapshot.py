"""A snapshot of the pool and the open vacancies becomes a market: who fits there fits in a ranking, and nobody else."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.plan.channels import solve_apart
from matching.plan.model.check import check
from matching.plan.model.market import Market, Step
from matching.plan.model.plan import solve
from matching.plan.model.search import Aim, PinsDoNotFit
from matching.plan.model.snapshot import Rules, Snapshot, Vacant
from matching.profile.model.engagement import Engagement
from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.week import Week
from matching.proposal.model.asking import Asking
from matching.proposal.model.grounds import form_of
from matching.ranking.model.changes import Pair
from matching.vacancy.model.opening import Opening
from rules.forms import Form, TeachingRole
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    COMPANY,
    CROWDS,
    FRIDAY_MORNING,
    OPENING,
    OPENINGS,
    POLICIES,
    POOLS,
    TODAY,
    TUESDAY_MORNING,
    UTRECHT,
    VACANCIES,
    WHOLE_YEAR,
    opening,
    ranked,
    trainer,
)

POLICY = POLICIES.on("matching.plan", TODAY).value
BOTH_MORNINGS = Week((*TUESDAY_MORNING.slots, *FRIDAY_MORNING.slots))


def vacancy(number: int = 1, **other: object) -> Opening:
    apart = {"board_id": UUID(int=1200 + number), "location_id": UUID(int=1400 + number)}
    return opening(**{"vacancy_id": UUID(int=1100 + number), **apart, **other})


def snapshot(people: list[Profile], *vacancies: Opening, **other: object) -> Snapshot:
    facts = {"policies": POLICIES, "day": TODAY} | other
    return Snapshot(
        profiles=tuple(people),
        vacancies=tuple(Vacant(each, each.places) for each in vacancies),
        **facts,  # type: ignore[arg-type]
    )


def fitting(market: Market) -> set[tuple[int, int]]:
    return {(each.person.int, each.opening.int) for each in market.pairs}


def asked(number: int, at: Opening, *, agreed: bool = False) -> Engagement:
    return Engagement(
        proposal_id=UUID(int=number),
        agreed=agreed,
        minutes_per_week=at.minutes_per_week,
        slots=at.roster or Week(),
        vacancy_id=at.vacancy_id,
        board_id=at.board_id,
        place=at.place,
        role=at.role,
        form=Form.GUEST,
        first_day=at.starts_on,
        last_day=at.ends_on,
    )


@given(pool=POOLS | CROWDS, place=OPENINGS | VACANCIES)
def test_the_market_has_exactly_the_pairs_that_pass_every_rule_of_a_ranking(
    pool: list[Profile], place: Opening
) -> None:
    market = snapshot(pool, place)()
    allowed = {
        each.trainer_id
        for each in pool
        if not Pair(opening=place, profile=each, policies=POLICIES, day=TODAY, open_counts=False).failed()
    }
    assert {each.person for each in market.pairs} == allowed
    assert {each.id for each in market.people} == allowed


@given(pool=CROWDS, place=VACANCIES)
def test_score_and_form_of_a_pair_are_those_of_the_ranking(pool: list[Profile], place: Opening) -> None:
    engaged_by_none = [dataclasses.replace(each, engagements=()) for each in pool]
    market, ranking = snapshot(engaged_by_none, place)(), ranked(place, *engaged_by_none)
    highest = sum(ranking.evidence.criteria.weights.values()) + sum(ranking.evidence.criteria.bonuses.values())
    for each in market.pairs:
        assessed = ranking.explain(each.person)
        assert each.score == assessed.total // highest
        assert each.form == form_of(assessed)


@given(pool=POOLS | CROWDS, place=OPENINGS | VACANCIES)
def test_each_pair_of_the_market_can_be_planned_alone(pool: list[Profile], place: Opening) -> None:
    market = snapshot(pool, place)()
    for each in market.pairs:
        assert check(market, [each.key]) == []


@settings(max_examples=40)
@given(
    pool=CROWDS,
    places=st.lists(VACANCIES, min_size=2, max_size=3),
    boards=st.lists(st.sampled_from([1, 2]), min_size=3, max_size=3),
)
def test_a_ranking_accepts_one_after_the_other_the_pairs_of_a_bundle(
    pool: list[Profile], places: list[Opening], boards: list[int]
) -> None:
    vacancies = [
        dataclasses.replace(
            each,
            vacancy_id=UUID(int=1100 + number),
            board_id=UUID(int=1200 + boards[number]),
            location_id=UUID(int=1400 + number),
            roster=None if number == 2 else (TUESDAY_MORNING, FRIDAY_MORNING)[number],
        )
        for number, each in enumerate(places)
    ]
    people = {each.trainer_id: dataclasses.replace(each, availability=BOTH_MORNINGS) for each in pool}
    plan = solve(snapshot(list(people.values()), *vacancies)())
    for key in plan.chosen:
        others = [
            asked(number, each)
            for number, each in enumerate(vacancies, start=1)
            if each.vacancy_id in {other.opening for other in plan.chosen if other.person == key.person} - {key.opening}
        ]
        profile = people[key.person]
        beside = dataclasses.replace(profile, engagements=(*profile.engagements, *others))
        at = next(each for each in vacancies if each.vacancy_id == key.opening)
        assert not Pair(opening=at, profile=beside, policies=POLICIES, day=TODAY).failed()


def test_an_open_question_takes_nothing_and_stands() -> None:
    here, there = vacancy(1), vacancy(2)
    market = snapshot([trainer(1, engagements=(asked(1, here),))], here, there)()
    assert fitting(market) == {(1, 1101), (1, 1102)}
    assert [key.opening.int for key in market.standing] == [1101]


def test_an_agreement_takes_its_hours() -> None:
    here, there = vacancy(1), vacancy(2)
    agreed = asked(1, here, agreed=True)
    market = snapshot([trainer(1, engagements=(agreed,))], there, vacancy(3, roster=FRIDAY_MORNING))()
    assert fitting(market) == set()
    assert market.standing == frozenset()


def test_a_question_about_a_vacancy_that_no_longer_fits_does_not_stand() -> None:
    gone = vacancy(9)
    assert snapshot([trainer(1, engagements=(asked(1, gone),))], vacancy(1))().standing == frozenset()


def test_a_trainer_who_had_a_turn_at_a_vacancy_is_not_planned_there() -> None:
    turn = frozenset({(UUID(int=1), UUID(int=1101))})
    assert fitting(snapshot([trainer(1), trainer(2)], vacancy(1), had_a_turn=turn)()) == {(2, 1101)}


def test_pins_and_exclusions_are_in_the_market() -> None:
    wish, other = (UUID(int=1), UUID(int=1101)), (UUID(int=2), UUID(int=1101))
    market = snapshot([trainer(1), trainer(2)], vacancy(1), pinned=frozenset({wish}), excluded=frozenset({other}))()
    assert [(key.person, key.opening) for key in market.pinned] == [wish]
    assert market.excluded == {other}


def test_a_pin_that_a_rule_keeps_apart_is_refused() -> None:
    pinned = frozenset({(UUID(int=1), UUID(int=1101))})
    with pytest.raises(PinsDoNotFit):
        snapshot([trainer(1, consented=False)], vacancy(1), pinned=pinned)()


@pytest.mark.parametrize("people", [[], [trainer(1)]], ids=["nobody", "a trainer"])
def test_a_market_without_a_vacancy_has_an_empty_plan(people: list[Profile]) -> None:
    plan = solve(snapshot(people)())
    assert (plan.chosen, plan.value, plan.bound, plan.gap) == ((), 0, 0, 0)


@pytest.mark.parametrize("people", [[], [trainer(1, paused=True)], [trainer(1, availability=Week())]])
def test_a_vacancy_that_nobody_fits_stays_without_a_trainer(people: list[Profile]) -> None:
    market = snapshot(people, vacancy(1))()
    plan = solve(market)
    assert (market.people, plan.chosen, plan.bound) == ((), (), 0)
    assert [(each.code, each.places, each.filled) for each in plan.figures] == [("", 1, 0), ("electrical", 1, 0)]


def test_a_vacancy_without_a_free_place_gets_no_trainer() -> None:
    full = dataclasses.replace(snapshot([trainer(1)]), vacancies=(Vacant(vacancy(1), 0),))
    assert solve(full()).chosen == ()


def test_weights_that_sum_to_zero_make_a_plan_of_no_value() -> None:
    nothing = dict.fromkeys(("subject", "schoolType", "availability", "distance", "extent", "form"), 0)
    weightless = (
        POLICIES.with_value("matching.weights", **nothing)
        .with_value("matching.bonuses", shortage=0, continuity=0)
        .with_value("matching.plan", filled=0, score=0, move=0, regions=[], subjects=[])
    )
    market = snapshot([trainer(1)], vacancy(1), policies=weightless)()
    assert market.pairs[0].score == 0
    assert (solve(market).value, solve(market).bound) == (0, 0)


def test_the_way_between_two_schools_is_by_road() -> None:
    rosters = ([(2, 510, 600)], [(2, 630, 720)])
    here = vacancy(1, roster=Week.of(rosters[0]), minutes_per_week=90)
    there = vacancy(2, roster=Week.of(rosters[1]), minutes_per_week=90, place=AMERSFOORT)
    at_once = vacancy(3, roster=Week.of(rosters[1]), minutes_per_week=90, place=UTRECHT)
    people = [trainer(1, travel_limit_km=100)]
    straight = snapshot(people, here, there)().travel[0].minutes
    by_road = POLICIES.with_value("matching.road", perMille=2000)
    assert snapshot(people, here, there, policies=by_road)().travel[0].minutes > straight > 10
    assert [each.minutes for each in snapshot(people, here, at_once)().travel] == [0]


def test_lessons_on_different_days_need_no_way() -> None:
    people = [trainer(1, availability=BOTH_MORNINGS, travel_limit_km=100)]
    market = snapshot(people, vacancy(1), vacancy(2, roster=FRIDAY_MORNING, place=AMERSFOORT))()
    assert len(market.pairs) == 2
    assert market.travel == ()


def test_a_way_of_a_day_or_more_is_no_way() -> None:
    slow = POLICIES.with_value("matching.travel", fixedMinutes=24 * 60)
    rosters = (Week.of([(2, 510, 600)]), Week.of([(2, 630, 720)]))
    here, there = (vacancy(n, roster=each, minutes_per_week=90) for n, each in enumerate(rosters, start=1))
    apart = dataclasses.replace(there, place=AMERSFOORT)
    assert snapshot([trainer(1, travel_limit_km=100)], here, apart, policies=slow)().travel == ()


def test_the_cap_of_the_law_holds_for_all_openings_of_a_board() -> None:
    board = UUID(int=1201)
    asked_there = {"board_id": board, "role": TeachingRole.GUEST_LECTURER, "minutes_per_week": 210, **WHOLE_YEAR}
    here, there = vacancy(1, **asked_there), vacancy(2, roster=FRIDAY_MORNING, **asked_there)
    market = snapshot([trainer(1, availability=BOTH_MORNINGS)], here, there)()
    assert len(market.pairs) == 2
    assert [each.board for each in market.caps] == [board]
    assert 210 <= market.caps[0].minutes < 420
    assert len(solve(market).chosen) == 1


def test_openings_within_the_cap_of_the_law_have_no_cap() -> None:
    board = UUID(int=1201)
    lessons = (Week.of([(2, 510, 570)]), Week.of([(5, 510, 570)]))
    both = [vacancy(n, board_id=board, minutes_per_week=60, roster=week) for n, week in enumerate(lessons, start=1)]
    market = snapshot([trainer(1, availability=BOTH_MORNINGS)], *both)()
    assert market.caps == ()
    assert len(solve(market).chosen) == 2


def test_working_time_beside_the_company_limits_what_is_planned_together() -> None:
    hours = CompanyHours(minutes_per_week=2600, weekdays=frozenset({1, 2, 3, 4, 5}))
    employed = {"company_id": COMPANY, "company_hours": hours}
    both = vacancy(1), vacancy(2, roster=FRIDAY_MORNING)
    market = snapshot([trainer(1, availability=BOTH_MORNINGS, **employed)], *both)()
    assert market.people[0].limit == 280
    assert len(solve(market).chosen) == 1


def test_the_minutes_that_other_work_leaves_are_what_is_planned() -> None:
    people = [trainer(1, availability=BOTH_MORNINGS, minutes_per_week=200)]
    market = snapshot(people, vacancy(1), vacancy(2, roster=FRIDAY_MORNING))()
    assert [each.minutes for each in market.pairs] == [200, 200]
    assert len(solve(market).chosen) == 1


def test_the_chance_of_consent_is_that_of_the_form_and_distance() -> None:
    people = [trainer(1), trainer(2, place=AMERSFOORT)]
    market = snapshot(people, vacancy(1, forms=(Form.GUEST,)))()
    asking = Asking.of(POLICIES, TODAY)
    assert [each.chance for each in market.pairs] == [asking.chance(Form.GUEST, 0), asking.chance(Form.GUEST, 20)]
    assert market.pairs[0].chance > market.pairs[1].chance


def test_weights_and_limits_are_those_of_the_policy() -> None:
    rules = Rules.of(POLICIES.with_value("matching.plan", openingsPerTrainer=9), TODAY)
    assert rules.weights.filled == POLICY["filled"]
    assert rules.weights.regions[0] == Step(share=2500, weight=40)
    assert rules.most == 3
    assert rules.aim == Aim(gap=POLICY["gapPerMillion"])
    assert snapshot([trainer(1)], vacancy(1))().people[0].most == POLICY["openingsPerTrainer"]


def test_lessons_by_agreement_have_no_hours() -> None:
    assert snapshot([trainer(1)], vacancy(1, roster=None))().pairs[0].slots == Week()


async def test_a_snapshot_is_solved_in_a_process_of_its_own() -> None:
    taken = snapshot([trainer(1), trainer(2)], vacancy(1), OPENING)
    assert pickle.loads(pickle.dumps(taken)) == taken
    outcome = await solve_apart(taken, Rules.of(POLICIES, date(2027, 1, 1)).aim, seconds=30)
    assert outcome.value == solve(taken()).value > 0
