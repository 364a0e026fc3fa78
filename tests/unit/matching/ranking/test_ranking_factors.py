"""The soft factors: what each one is worth, and that the total is nothing but their sum."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from common.policy import Policies
from matching.profile.model.engagement import Engagement
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Employer, Profile
from matching.profile.model.week import Week
from matching.ranking.model.assessment import Assessment, ExpectationGap
from matching.ranking.model.capacity import Capacity
from matching.ranking.model.criteria import SCALE, Bonus, Factor
from matching.vacancy.model.opening import Opening
from rules.forms import Form, SchoolType
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    COMPANY,
    FRIDAY_MORNING,
    GRONINGEN,
    OPENING,
    OPENINGS,
    POLICIES,
    POOLS,
    TODAY,
    criteria,
    opening,
    proposable,
    ranked,
    trainer,
)


def assessed(place: Opening, person: Profile, policies: Policies = POLICIES) -> Assessment:
    return ranked(place, person, policies=policies).explain(person.trainer_id)


def score(factor: Factor, place: Opening, person: Profile) -> int:
    return next(weighed.score for weighed in assessed(place, person).factors if weighed.factor is factor)


def test_a_perfect_fit_earns_every_point() -> None:
    found = assessed(opening(), trainer())
    assert found.points == "105.00"
    assert found.total == 105 * SCALE
    assert [weighed.weight for weighed in found.factors] == [30, 15, 20, 15, 10, 10]


@pytest.mark.parametrize(
    ("subjects", "worth"),
    [({"electrical", "ict"}, 10_000), ({"pie"}, 5_000), ({"ict"}, 0), (set(), 0)],
)
def test_a_related_trade_is_worth_half(subjects: set[str], worth: int) -> None:
    assert score(Factor.SUBJECT, opening(), trainer(subjects=frozenset(subjects))) == worth


@pytest.mark.parametrize(
    ("types", "worth"), [({SchoolType.VO}, 10_000), (set(), 5_000), ({SchoolType.MBO, SchoolType.HBO}, 0)]
)
def test_a_trainer_who_named_the_school_type_wants_it_most(types: set[SchoolType], worth: int) -> None:
    assert score(Factor.SCHOOL_TYPE, opening(), trainer(school_types=frozenset(types))) == worth


@pytest.mark.parametrize(
    ("place", "other", "worth"),
    [
        (opening(), {"availability": Week.of([(2, 510, 580)])}, 3_333),
        (opening(), {"availability": Week.of([(2, 510, 650)])}, 6_667),
        (opening(roster=None), {"availability": Week.of([(5, 0, 105)])}, 5_000),
        (opening(), {"minutes_taken": 105}, 5_000),
        (opening(minutes_per_week=60), {"minutes_taken": 105}, 10_000),
    ],
)
def test_availability_is_the_share_of_the_minutes_needed(place: Opening, other: dict[str, Any], worth: int) -> None:
    assert score(Factor.AVAILABILITY, place, trainer(**other)) == worth


def test_distance_falls_to_nothing_at_the_own_limit_or_the_radius_where_none_was_named() -> None:
    """Seen red: nothing at 40 km, also for a person who travels 80."""
    assert score(Factor.DISTANCE, opening(place=AMERSFOORT), trainer()) == 5_000
    assert score(Factor.DISTANCE, opening(place=AMERSFOORT), trainer(travel_limit_km=200)) == 9_000
    assert score(Factor.DISTANCE, opening(place=AMERSFOORT), trainer(travel_limit_km=20)) == 0
    assert score(Factor.DISTANCE, opening(place=GRONINGEN), trainer(travel_limit_km=200)) == 2_050
    assert score(Factor.DISTANCE, opening(), trainer(travel_limit_km=0)) == 0
    nearer = POLICIES.with_value("matching.limits", defaultRadiusKm=20)
    found = assessed(opening(place=AMERSFOORT), trainer(), policies=nearer)
    assert next(weighed for weighed in found.factors if weighed.factor is Factor.DISTANCE).score == 0


@pytest.mark.parametrize(
    ("other", "worth", "gap"),
    [
        ({}, 10_000, (0, 0)),
        ({"minutes_per_week": None, "months": None}, 10_000, (0, 0)),
        ({"minutes_per_week": 105, "months": 6}, 7_500, (105, 0)),
        ({"minutes_per_week": 420, "months": 24}, 3_750, (-210, -18)),
        ({"minutes_per_week": 0, "months": 0}, 0, (210, 6)),
        ({"minutes_per_week": 315, "minutes_taken": 105}, 10_000, (0, 0)),
        ({"minutes_per_week": 60, "minutes_taken": 105}, 5_000, (210, 0)),
    ],
)
def test_the_gap_in_expectations_is_a_factor_and_a_hint(
    other: dict[str, Any], worth: int, gap: tuple[int, int]
) -> None:
    place = opening()
    assert score(Factor.EXTENT, place, trainer(**other)) == worth
    assert assessed(place, trainer(**other)).gap == ExpectationGap(minutes_per_week=gap[0], months=gap[1])


def test_a_school_that_names_no_months_leaves_no_gap() -> None:
    found = assessed(opening(months=None), trainer(months=24))
    assert found.gap.months == 0
    assert score(Factor.EXTENT, opening(months=None), trainer(months=24)) == 10_000


G, S, D, E = Form.GUEST, Form.SECONDMENT, Form.DUAL_EMPLOYMENT, Form.SELF_EMPLOYED


@pytest.mark.parametrize(
    ("asked", "wanted", "agreed", "worth", "common"),
    [
        ((G,), (G,), True, 10_000, (G,)),
        ((G, S), (S, G), True, 7_500, (G, S)),
        ((G, S), (G,), True, 10_000, (G,)),
        ((G, S), (S,), True, 7_500, (S,)),
        ((G,), (S,), True, 0, ()),
        ((), (S,), True, 10_000, (S,)),
        ((S,), (), True, 10_000, (S,)),
        ((), (), True, 10_000, (E, D, S, G)),
        ((S, G), (S, G), False, 7_500, (G,)),
        ((S, G), (), False, 7_500, (G,)),
        ((S, G), (S,), False, 0, ()),
        ((S,), (S,), False, 0, ()),
        ((), (), False, 10_000, (E, G)),
    ],
)
def test_the_form_counts_as_far_as_the_company_leaves_it_open(
    asked: tuple[Form, ...],
    wanted: tuple[Form, ...],
    agreed: bool,  # noqa: FBT001 - a table
    worth: int,
    common: tuple[Form, ...],
) -> None:
    place, person = opening(forms=asked), trainer(forms=wanted, company_id=COMPANY, company_agreed=agreed)
    assert score(Factor.FORM, place, person) == worth
    assert assessed(place, person).forms == common


def test_a_scarce_subject_counts_for_who_works_in_that_very_subject() -> None:
    found = assessed(opening(), trainer())
    assert {earned.bonus: earned.points for earned in found.bonuses} == {Bonus.SHORTAGE: 5}
    assert assessed(opening(), trainer(subjects=frozenset({"pie"}))).bonuses == (), "pie is scarce, but is not asked"
    plenty = POLICIES.with_value("trades.shortage", trades=["pie"])
    assert assessed(opening(), trainer(), policies=plenty).bonuses == ()


BETTER: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("subject", {}, {"subjects": frozenset({"pie"})}),
    ("schoolType", {}, {"school_types": frozenset()}),
    ("availability", {}, {"availability": Week.of([(2, 510, 690)])}),
    ("distance", {}, {"place": AMERSFOORT}),
    ("extent", {"months": 6}, {"months": 12}),
    ("form", {"forms": (Form.GUEST,)}, {"forms": (Form.SECONDMENT, Form.GUEST)}),
]
"""A factor, and two trainers who differ in nothing that it does not look at: the first fits better by it."""


@pytest.mark.parametrize(("factor", "better", "worse"), BETTER)
def test_each_factor_turns_the_order_of_two_who_both_fit(
    factor: str, better: dict[str, Any], worse: dict[str, Any]
) -> None:
    one, other = trainer(1, **better), trainer(2, **worse)
    only = POLICIES.with_value("matching.weights", **{str(each): 0 for each in Factor})
    only = only.with_value("matching.bonuses", shortage=0)
    for number in (1, 2):
        first = dataclasses.replace(one, trainer_id=UUID(int=number))
        second = dataclasses.replace(other, trainer_id=UUID(int=3 - number))
        weighed = only.with_value("matching.weights", **{factor: 1})
        assert proposable(ranked(opening(), first, second, policies=weighed)) == [number, 3 - number]
    assert {each.total for each in ranked(opening(), one, other, policies=only).shortlist} == {0}


def test_every_factor_has_a_pair_that_it_turns() -> None:
    assert [factor for factor, _, _ in BETTER] == [str(factor) for factor in Factor]


def test_the_shortage_of_the_subject_turns_an_order() -> None:
    far, near = trainer(1, place=AMERSFOORT), trainer(2, subjects=frozenset({"pie"}))
    level = POLICIES.with_value("matching.weights", subject=0, distance=1).with_value("matching.bonuses", shortage=0)
    assert proposable(ranked(opening(), far, near, policies=level)) == [2, 1]
    scarce = level.with_value("matching.bonuses", shortage=5)
    assert proposable(ranked(opening(), far, near, policies=scarce)) == [1, 2]


def teaching(school_id: UUID, *, agreed: bool = True) -> Engagement:
    return Engagement(
        proposal_id=UUID(int=3001), agreed=agreed, minutes_per_week=210, slots=FRIDAY_MORNING, school_id=school_id
    )


def test_continuity_with_a_school_turns_an_order() -> None:
    near, there = trainer(1), trainer(2, place=AMERSFOORT, engagements=(teaching(OPENING.school_id),))
    assert proposable(ranked(opening(), near, there)) == [2, 1]
    assert {earned.bonus for earned in assessed(opening(), there).bonuses} == {Bonus.SHORTAGE, Bonus.CONTINUITY}
    without = POLICIES.with_value("matching.bonuses", continuity=0)
    assert proposable(ranked(opening(), near, there, policies=without)) == [1, 2]


@pytest.mark.parametrize(
    "elsewhere", [teaching(UUID(int=77)), teaching(OPENING.school_id, agreed=False)], ids=["other school", "only asked"]
)
def test_only_agreed_work_at_this_very_school_is_continuity(elsewhere: Engagement) -> None:
    assert {each.bonus for each in assessed(opening(), trainer(engagements=(elsewhere,))).bonuses} == {Bonus.SHORTAGE}


def test_a_pool_forgets_where_a_trainer_taught() -> None:
    pool = Pool([trainer(1, engagements=(teaching(OPENING.school_id),)), trainer(2)])
    teaches = pool.columns.engaged.teaching_at(OPENING.school_id, 2)
    assert teaches.tolist() == [True, False]
    pool.remove(UUID(int=2))
    pool.put(trainer(3, engagements=(teaching(OPENING.school_id),)))
    pool.remove(UUID(int=3))
    assert pool.columns.engaged.teaching_at(OPENING.school_id, len(pool)).tolist() == [True]
    pool.put(trainer(1))
    assert not pool.columns.engaged.teaching_at(OPENING.school_id, len(pool)).any()


def test_another_weight_makes_another_order() -> None:
    near, skilled = trainer(1, subjects=frozenset({"pie"})), trainer(2, place=AMERSFOORT)
    assert proposable(ranked(opening(), near, skilled)) == [2, 1]
    near_counts = POLICIES.with_value("matching.weights", distance=80)
    assert proposable(ranked(opening(), near, skilled, policies=near_counts)) == [1, 2]


@given(OPENINGS, POOLS)
def test_a_total_is_the_sum_of_its_parts_and_never_above_the_weights(place: Opening, pool: list[Profile]) -> None:
    ranking = ranked(place, *pool)
    weights = POLICIES.on("matching.weights", TODAY).value
    for person in pool:
        found = ranking.explain(person.trainer_id)
        parts = sum(weighed.contribution for weighed in found.factors)
        assert all(0 <= weighed.score <= SCALE for weighed in found.factors)
        assert {weighed.factor: weighed.weight for weighed in found.factors} == weights
        assert parts <= sum(weights.values()) * SCALE
        assert found.total == parts + SCALE * sum(earned.points for earned in found.bonuses)


def _share(part: int, whole: int) -> int:
    return (2 * SCALE * part + whole) // (2 * whole)


def _expected(place: Opening, person: Profile) -> dict[Factor, int]:
    """The same factors, one pair at a time and without arrays."""
    related = {"electrical": {"pie", "metal"}, "pie": {"electrical", "metal"}}.get(place.subject, set())
    capacity = Capacity(place, criteria(place))
    usable = capacity.minutes(person)
    minutes_taken = sum(each.minutes_per_week for each in capacity.meanwhile(person))
    possible = set(Form) if person.employer is Employer.WILLING else {Form.SELF_EMPLOYED, Form.GUEST}
    common = [form for form in place.forms or Form if form in possible and form in (person.forms or Form)]
    first = set(place.forms[:1] or Form) & set(person.forms[:1] or Form) & possible

    def closeness(wanted: int | None, offered: int | None) -> int:
        return SCALE if wanted is None or offered is None else _share(min(wanted, offered), max(wanted, offered))

    wanted = None if person.minutes_per_week is None else max(person.minutes_per_week - minutes_taken, 0)
    limit = 40 if person.travel_limit_km is None else person.travel_limit_km
    return {
        Factor.SUBJECT: SCALE if place.subject in person.subjects else 5_000 * bool(related & person.subjects),
        Factor.SCHOOL_TYPE: SCALE * (place.school_type in person.school_types) if person.school_types else 5_000,
        Factor.AVAILABILITY: _share(usable, place.minutes_needed),
        Factor.DISTANCE: _share(max(limit - person.place.kilometres_to(place.place), 0), max(limit, 1)),
        Factor.EXTENT: (closeness(wanted, place.minutes_per_week) + closeness(person.months, place.months) + 1) // 2,
        Factor.FORM: SCALE if first else 7_500 * bool(common),
    }


@given(OPENINGS, POOLS)
def test_the_columns_score_as_one_pair_at_a_time_would(place: Opening, pool: list[Profile]) -> None:
    scores = ranked(place, *pool).evidence.scores.factors
    assert [dict(zip(Factor, column, strict=True)) for column in scores.T.tolist()] == [
        _expected(place, person) for person in pool
    ]
