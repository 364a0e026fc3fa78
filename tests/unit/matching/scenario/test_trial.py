"""A scenario: the plan of now and the plan under other rules, over one snapshot."""

from __future__ import annotations

import dataclasses
import math
import pickle
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.policy import Policies
from matching.plan.model.plan import solve
from matching.plan.model.search import Aim, Watch
from matching.plan.model.snapshot import Snapshot, Vacant
from matching.profile.model.engagement import Engagement
from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.week import Week
from matching.scenario.model.estimates import Estimate, Simulated
from matching.scenario.model.figures import Amounts, Binding, Figures, Moves
from matching.scenario.model.overrides import Override, Sweep, points
from matching.scenario.model.trial import Trial, read_figures
from matching.vacancy.model.opening import Opening
from rules import qualification
from rules.forms import Form, SchoolType, TeachingRole
from rules.qualification import Credential, Eligibility, EligibilityFacts, Held
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    COMPANY,
    CROWDS,
    FRIDAY_MORNING,
    POLICIES,
    TODAY,
    TUESDAY_MORNING,
    VACANCIES,
    WHOLE_YEAR,
    opening,
    trainer,
)

GUEST = "qualification.ground.guest"
UNTIL = date(2027, 12, 31)
A_QUARTER = date(2027, 4, 4)
"""The last day of 91 that begin on 4 January."""
TWO_HOURS = Week.of([(2, 510, 630)])


def vacancy(number: int = 1, **other: Any) -> Opening:
    apart = {"board_id": UUID(int=1200 + number), "location_id": UUID(int=1400 + number)}
    return opening(**{"vacancy_id": UUID(int=1100 + number), "region": "AM13", **apart, **other})


def snapshot(people: Sequence[Profile], *vacancies: Opening, policies: Any = POLICIES) -> Snapshot:
    return Snapshot(
        profiles=tuple(people),
        vacancies=tuple(Vacant(each, each.places) for each in vacancies),
        policies=policies,
        day=TODAY,
    )


def tried(taken: Snapshot, *overrides: Override, sweep: Sweep | None = None) -> list[Figures]:
    """The figures of now, then of each point, in a copy as it would travel to another process."""
    return figures(taken, points(taken.policies, overrides, sweep, TODAY))


def figures(taken: Snapshot, changed: tuple[Policies, ...]) -> list[Figures]:
    """The figures of now, then under each of these rules."""
    trial = pickle.loads(pickle.dumps(Trial(snapshot=taken, points=changed, until=UNTIL, aim=Aim())))
    market = trial()
    return read_figures(trial.beside(market, solve(market), Watch()))


def simulated(taken: Snapshot, *overrides: Override, seconds: float = math.inf) -> list[Simulated | None]:
    """The years of now, then of the point."""
    changed = points(taken.policies, overrides, None, TODAY, simulate=True)
    trial = Trial(snapshot=taken, points=changed, until=UNTIL, aim=Aim(), simulate=True)
    market = trial()
    found = read_figures(trial.beside(market, solve(market), Watch(seconds=lambda: seconds)))
    return [each.simulated for each in found]


def changed(code: str, **value: Any) -> Override:
    return Override(code=code, value=value)


def guests(minutes: int, **other: Any) -> Opening:
    """All teaching weeks of a school year: the guest cap counts the year."""
    return vacancy(minutes_per_week=minutes, roster=Week.of([(2, 510, 510 + minutes)]), **WHOLE_YEAR, **other)


def all_day(number: int = 1, **other: Any) -> Profile:
    return trainer(number, availability=Week.of([(day, 480, 1020) for day in range(1, 6)]), **other)


def test_a_higher_cap_for_guests_allows_lessons_that_were_refused() -> None:
    now, then = tried(snapshot([all_day(1)], guests(420)), changed(GUEST, maxMinutesPerSchoolYear=40 * 480))
    assert (now.total.matches, then.total.matches) == (0, 1)
    assert (now.people, then.people) == (0, 1)
    assert now.bindings[0] == Binding(rule="ELIGIBILITY", pairs=1, alone=1)
    assert not then.bindings
    assert then.moves == Moves(filled=1, emptied=0, planned=1, dropped=0, elsewhere=0)


def test_a_lower_cap_takes_matches_away() -> None:
    now, then = tried(snapshot([all_day(1)], guests(240)), changed(GUEST, maxMinutesPerSchoolYear=40 * 120))
    assert (now.total.matches, then.total.matches) == (1, 0)
    assert then.moves == Moves(filled=0, emptied=1, planned=0, dropped=1, elsewhere=0)


def test_a_trainer_who_is_planned_elsewhere_is_moved() -> None:
    near, far = vacancy(1, school_type=SchoolType.VO), vacancy(2, place=AMERSFOORT, school_type=SchoolType.MBO)
    now, then = tried(
        snapshot([trainer(1, school_types=frozenset())], near, far),
        changed("vog", schoolTypes=["vo"], processingDays=900),
    )
    assert (now.total.matches, then.total.matches) == (1, 1)
    assert then.moves == Moves(filled=1, emptied=1, planned=0, dropped=0, elsewhere=1)


def test_a_wider_radius_brings_those_who_live_farther_away() -> None:
    now, then = tried(
        snapshot([trainer(1, place=AMERSFOORT)], vacancy()), changed("matching.limits", defaultRadiusKm=10)
    )
    assert (now.total.matches, then.total.matches) == (1, 0)
    assert then.bindings[0] == Binding(rule="DISTANCE", pairs=1, alone=1)


def test_a_sweep_has_a_plan_for_each_value() -> None:
    sweep = Sweep(code=GUEST, name="maxMinutesPerSchoolYear", values=(40 * 180, 40 * 300, 40 * 420))
    places = [guests(minutes, vacancy_id=UUID(int=minutes), board_id=UUID(int=minutes)) for minutes in (180, 300, 420)]
    found = tried(snapshot([all_day(1), all_day(2), all_day(3)], *places), sweep=sweep)
    assert [each.total.matches for each in found] == [2, 1, 2, 3]


def test_a_point_judges_anew_only_vacancies_whose_own_rules_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[TeachingRole] = []
    assess = qualification.assess

    def noting(facts: EligibilityFacts, policies: Policies) -> Eligibility:
        judged.append(facts.role)
        return assess(facts, policies)

    monkeypatch.setattr(qualification, "assess", noting)
    teacher = vacancy(2, role=TeachingRole.TEACHER, school_type=SchoolType.MBO)
    people = [all_day(1), all_day(2, held=(Held(credential=Credential.PDG),), roles=frozenset())]
    taken = snapshot([*people, all_day(3, roles=frozenset(), school_types=frozenset())], guests(240), teacher)
    lower = changed(GUEST, maxMinutesPerSchoolYear=40 * 120)
    market = (trial := Trial(snapshot=taken, points=points(POLICIES, [lower], None, TODAY), until=UNTIL, aim=Aim()))()
    assert {*judged} == {TeachingRole.GUEST_LECTURER, TeachingRole.TEACHER}
    judged.clear()
    now, then = read_figures(trial.beside(market, solve(market), Watch()))
    assert {*judged} == {TeachingRole.GUEST_LECTURER}
    assert (now.total.matches, then.total.matches) == (2, 1)
    alone = tried(dataclasses.replace(taken, policies=trial.points[0]), lower)[0]
    assert dataclasses.replace(then, moves=alone.moves) == alone


def test_a_pair_that_two_rules_keep_apart_is_counted_for_both_and_alone_for_none() -> None:
    now = tried(snapshot([trainer(1, place=AMERSFOORT, travel_limit_km=1, languages=frozenset())], vacancy()))[0]
    assert {(each.rule, each.pairs, each.alone) for each in now.bindings} == {("DISTANCE", 1, 0), ("LANGUAGE", 1, 0)}


def test_rules_that_bind_are_counted_over_all_vacancies() -> None:
    short = CompanyHours(minutes_per_week=2400, weekdays=frozenset({1, 2, 3, 4, 5}))
    people = [trainer(1, paused=True), trainer(2, paused=True), trainer(3, company_id=COMPANY, company_hours=short)]
    found = tried(snapshot(people, vacancy(1), vacancy(2)), changed("working_time.R4", maxMeanMinutes=60))
    assert found[1].bindings == (
        Binding(rule="AVAILABLE", pairs=4, alone=4),
        Binding(rule="WORKING_TIME", pairs=2, alone=2),
    )


def test_figures_are_counted_by_region_school_type_subject_and_form() -> None:
    places = (vacancy(1, places=2), vacancy(2, region=None, school_type=SchoolType.MBO, roster=FRIDAY_MORNING))
    now = tried(snapshot([trainer(1)], *places))[0]
    assert now.total.places == 3
    assert {
        by: {code: (each.places, each.matches) for code, each in found.items()} for by, found in now.groups.items()
    } == {
        "region": {"": (1, 0), "AM13": (2, 1)},
        "school_type": {"mbo": (1, 0), "vo": (2, 1)},
        "subject": {"electrical": (3, 1)},
        "form": {"guest": (0, 1)},
    }


def test_the_chance_of_consent_is_the_expected_match() -> None:
    now = tried(snapshot([trainer(1)], vacancy()))[0]
    assert now.total.expected == POLICIES.on("matching.asking", TODAY).value["start"]["guest"][0]


def lent(**other: Any) -> Snapshot:
    company: dict[str, Any] = {"company_id": COMPANY, "company_agreed": True}
    forms = {"forms": (Form.SECONDMENT,)}
    year: dict[str, Any] = {"starts_on": date(2027, 1, 4), "ends_on": date(2028, 1, 2), "minutes_per_week": 60}
    place = vacancy(**(year | forms | other))
    return snapshot([trainer(1, **company, **forms)], place)


def test_hours_and_costs_are_those_of_the_school_weeks_until_the_horizon() -> None:
    now = tried(lent(ends_on=A_QUARTER))[0]
    # A quarter of a year of 52 weeks, of which 40 have lessons: 10 hours.
    assert now.total.minutes == 600
    assert now.total.vat_cents == 10 * 7500 * 21 // 100
    assert now.total.school_cents == 10 * 7500 * 121 // 100
    assert now.total.company_cents == 10 * (5500 - 7500)
    beyond = tried(lent(starts_on=date(2028, 3, 1), ends_on=date(2028, 6, 1)))[0]
    assert (beyond.total.matches, beyond.total.minutes, beyond.total.school_cents) == (1, 0, 0)


def test_without_vat_the_school_pays_less_and_the_plan_stays() -> None:
    now, then = tried(lent(), changed("vat.rates", standard="0"))
    assert then.total.vat_cents == 0
    assert now.total.school_cents - then.total.school_cents == now.total.vat_cents > 0
    assert (then.value, then.moves) == (now.value, Moves(filled=0, emptied=0, planned=0, dropped=0, elsewhere=0))


def test_vat_that_comes_back_is_no_burden() -> None:
    now, then = tried(lent(), changed("vat.V5", reclaimable=True))
    assert (then.total.vat_cents, then.total.school_cents) == (0, now.total.school_cents - now.total.vat_cents)


def test_vat_that_only_a_fiscal_review_could_name_is_counted_as_undecided() -> None:
    then = tried(lent(), changed("vat.V5", treatment="undecided", rate=None))[1]
    assert (then.total.vat_cents, then.total.undecided) == (0, 1)


def test_compensation_makes_lessons_cheaper_for_both_sides() -> None:
    paid = changed("matching.scenario", compensationHourlyCents={"school": 1000, "company": 500})
    now, then = tried(lent(ends_on=A_QUARTER), paid)
    hours = now.total.minutes // 60
    assert now.total.school_cents - then.total.school_cents == 1000 * hours
    assert now.total.company_cents - then.total.company_cents == 500 * hours


def guest_of_a_company(weekdays: set[int]) -> Amounts:
    hours = CompanyHours(minutes_per_week=300 * len(weekdays), weekdays=frozenset(weekdays))
    company = {"company_id": COMPANY, "company_agreed": True, "company_hours": hours}
    return tried(snapshot([trainer(1, **company)], vacancy()))[0].total


def test_a_guest_in_company_time_is_invoiced_by_the_company_with_vat() -> None:
    in_its_time, in_own_time = guest_of_a_company({2}), guest_of_a_company({4})
    assert (in_its_time.matches, in_own_time.matches) == (1, 1)
    assert in_its_time.vat_cents > 0
    assert in_its_time.company_cents < 0
    assert (in_own_time.vat_cents, in_own_time.company_cents) == (0, 0)


def test_an_empty_market_has_empty_figures() -> None:
    now, then = tried(snapshot([]), changed(GUEST, maxMinutesPerWeek=480))
    assert now == then
    assert now.total == Amounts()
    assert now.groups == {"region": {}, "school_type": {}, "subject": {}, "form": {}}


def test_a_point_without_time_says_that_it_was_cut() -> None:
    taken = snapshot([all_day(1), all_day(2)], vacancy(1), vacancy(2))
    trial = Trial(
        snapshot=taken,
        points=points(POLICIES, [changed(GUEST, maxMinutesPerWeek=480)], None, TODAY),
        until=UNTIL,
        aim=Aim(),
    )
    seen: list[str] = []
    watch = Watch(seconds=lambda: -1.0, report=lambda step, _value, _bound: seen.append(step))
    market = trial()
    now, then = read_figures(trial.beside(market, solve(market), watch))
    assert (now.cut, then.cut) == (False, True)
    assert seen == ["point 1 of 1"]
    assert math.isclose(now.gap, 0)


def without_work(people: list[Profile]) -> list[Profile]:
    return [dataclasses.replace(each, engagements=()) for each in people]


@settings(max_examples=40)
@given(pool=CROWDS, places=st.lists(VACANCIES, min_size=1, max_size=3))
def test_the_empty_override_changes_nothing(pool: list[Profile], places: list[Opening]) -> None:
    vacancies = [
        dataclasses.replace(each, vacancy_id=UUID(int=1100 + n), location_id=UUID(int=1400 + n))
        for n, each in enumerate(places)
    ]
    now, then = tried(snapshot(pool, *vacancies))
    assert then == now
    assert then.moves == Moves(filled=0, emptied=0, planned=0, dropped=0, elsewhere=0)


@settings(max_examples=40)
@given(
    pool=CROWDS,
    places=st.lists(VACANCIES, min_size=1, max_size=3),
    relaxed=st.sampled_from(
        [
            changed(GUEST, maxMinutesPerWeek=600, maxMinutesPerSchoolYear=24_000),
            changed("vog", processingDays=0),
            changed("matching.fit", overlapShare=4000),
        ]
    ),
)
def test_relaxing_a_rule_never_lowers_the_bound(pool: list[Profile], places: list[Opening], relaxed: Override) -> None:
    vacancies = [
        dataclasses.replace(each, vacancy_id=UUID(int=1100 + n), location_id=UUID(int=1400 + n))
        for n, each in enumerate(places)
    ]
    now, then = tried(snapshot(without_work(pool), *vacancies), relaxed)
    # The bound of now may be above what any plan is worth; what now has, the relaxed plan can have as well.
    assert then.bound >= now.value


@settings(max_examples=40)
@given(pool=CROWDS, place=VACANCIES)
def test_points_find_the_same_as_each_would_alone(pool: list[Profile], place: Opening) -> None:
    overrides = [
        changed(GUEST, maxMinutesPerWeek=480),
        changed("working_time.R2", maxMinutes=600),
        changed("matching.limits", defaultRadiusKm=5),
        changed("vog", processingDays=0),
        changed("matching.asking", mostPerPlace=1, start={form: [100, 50, 20, 10] for form in Form}),
        changed("matching.plan", filled=10, score=90),
        changed("matching.weights", distance=90),
        changed("qualification.counting", teachingWeeks=10),
    ]
    changed_rules = tuple(points(POLICIES, [each], None, TODAY)[0] for each in overrides)
    _, *together = figures(snapshot(pool, place), changed_rules)
    for then, rules in zip(together, changed_rules, strict=True):
        alone = tried(snapshot(pool, place, policies=rules))[0]
        assert dataclasses.replace(then, moves=alone.moves) == alone


def test_an_engagement_counts_in_both_plans() -> None:
    taken = Engagement(
        proposal_id=UUID(int=1), agreed=True, minutes_per_week=210, slots=TUESDAY_MORNING,
        vacancy_id=UUID(int=1999), board_id=UUID(int=9), role=TeachingRole.GUEST_LECTURER, form=Form.GUEST,
    )  # fmt: skip
    now, then = tried(snapshot([trainer(1, engagements=(taken,))], vacancy()), changed(GUEST, maxMinutesPerWeek=480))
    assert (now.total.matches, then.total.matches) == (0, 0)


@pytest.mark.parametrize("figure", ["total", "groups", "bindings", "moves"])
def test_figures_come_back_from_json(figure: str) -> None:
    found = tried(snapshot([all_day(1), trainer(2, paused=True)], guests(240)))[0]
    assert getattr(Figures.of_json(found.to_json()), figure) == getattr(found, figure)


NOTHING = Estimate(mean=0, low=0, high=0)


def mornings(count: int) -> Snapshot:
    """As many vacancies as trainers, all at the same hours."""
    return snapshot([all_day(n) for n in range(count)], *(vacancy(n) for n in range(count)))


def test_years_are_simulated_under_the_rules_of_now_and_of_each_point() -> None:
    now, then = simulated(
        mornings(6), changed("matching.limits", defaultRadiusKm=0), changed("vog", processingDays=900)
    )
    assert now is not None
    assert then is not None
    assert then.change is not None
    assert (now.runs, now.places, now.change) == (10, 6, None)
    assert now.measures["filled"].mean > 2
    assert then.measures["filled"] == NOTHING
    assert then.change["filled"].high < 0


def test_without_a_change_the_dice_fall_the_same_way() -> None:
    now, then = simulated(mornings(6))
    assert now is not None
    assert then is not None
    assert then.measures == now.measures
    assert then.change == dict.fromkeys(now.measures, NOTHING)


def test_a_rule_of_costs_changes_no_year() -> None:
    then = simulated(mornings(3), changed("vat.rates", standard="0"))[1]
    assert then is not None
    assert {*(then.change or {}).values()} == {NOTHING}


def test_a_term_changes_the_years_and_not_the_plan() -> None:
    term = changed("matching.terms", proposalDays=1)
    taken, changes = mornings(6), points(POLICIES, [term], None, TODAY, simulate=True)
    trial = Trial(snapshot=taken, points=changes, until=UNTIL, aim=Aim(), simulate=True)
    market = trial()
    now, then = read_figures(trial.beside(market, solve(market), Watch()))
    assert dataclasses.replace(then, simulated=now.simulated) == now
    assert then.simulated is not None
    assert {*(then.simulated.change or {}).values()} != {NOTHING}


def test_asking_fewer_at_once_asks_fewer_in_vain() -> None:
    then = simulated(mornings(8), changed("matching.asking", mostPerPlace=1))[1]
    assert then is not None
    assert then.change is not None
    assert then.measures["in_vain"] == NOTHING
    assert then.change["in_vain"].high < 0


def test_where_no_time_is_left_no_year_is_shown() -> None:
    assert simulated(mornings(2), seconds=-1) == [None, None]
