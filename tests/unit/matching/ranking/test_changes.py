"""Changes that would help: the smallest ones, on the side that can make them, applied before they are named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.week import Week
from matching.ranking.model.changes import Pair, ways_in, ways_up
from matching.ranking.model.screening import HardRule
from matching.vacancy.model.opening import Opening
from rules.forms import Form, SchoolType, TeachingRole
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    COMPANY,
    FRIDAY_MORNING,
    GRONINGEN,
    POLICIES,
    TODAY,
    TUESDAY_MORNING,
    WHOLE_YEAR,
    opening,
    ranked,
    trainer,
)


def pair(place: Opening, person: Profile) -> Pair:
    return Pair(opening=place, profile=person, policies=POLICIES, day=TODAY)


def ways(place: Opening, person: Profile) -> list[list[tuple[str, str, Any]]]:
    return [
        [(hint.by.value, hint.change, hint.needed) for hint in way.hints]
        for way in ways_in(pair(place, person), at_most=2)
    ]


@pytest.mark.parametrize(
    ("place", "person", "first"),
    [
        (opening(), trainer(paused=True), [("trainer", "resume", None)]),
        (opening(), trainer(subjects=frozenset({"ict"})), [("school", "ask-subject", "ict")]),
        (opening(), trainer(roles=frozenset({TeachingRole.SUPPORT})), [("trainer", "accept-role", "guest_lecturer")]),
        (opening(), trainer(school_types=frozenset({SchoolType.HBO})), [("trainer", "accept-school-type", "vo")]),
        (opening(), trainer(forms=(Form.SELF_EMPLOYED,)), [("trainer", "accept-form", "guest")]),
        (opening(), trainer(availability=Week.of([(2, 510, 630)])), [("school", "ask-minutes", 150)]),
        (opening(), trainer(minutes_per_week=120), [("school", "ask-minutes", 150)]),
        (opening(place=GRONINGEN), trainer(), [("trainer", "raise-travel-limit", 159)]),
        (opening(language="en"), trainer(), [("trainer", "teach-in", "en")]),
        (opening(starts_on=date(2026, 11, 16)), trainer(), [("school", "start-later", "2026-11-30")]),
        (
            opening(),
            trainer(paused=True, availability=FRIDAY_MORNING),
            [("trainer", "resume", None), ("trainer", "be-available", "2 08:30-12:00")],
        ),
    ],
)
def test_the_first_way_in_is_the_smallest(place: Opening, person: Profile, first: list[tuple[str, str, Any]]) -> None:
    assert ways(place, person)[0] == first


def test_one_change_that_takes_two_rules_away_comes_before_two() -> None:
    """480 minutes are above the guest cap and more than the trainer is there: asking 360 mends both."""
    place = opening(minutes_per_week=480, roster=Week.of([(2, 510, 990)]), **WHOLE_YEAR)
    person = trainer(availability=Week.of([(2, 510, 870)]))
    assert pair(place, person).failed() == HardRule.ELIGIBILITY | HardRule.ROSTER_OVERLAP
    assert ways(place, person)[0] == [("school", "ask-minutes", 360)]


def test_a_pair_that_fits_needs_no_way_in() -> None:
    assert ways(opening(), trainer()) == []


def test_four_rules_in_the_way_have_no_short_way_in() -> None:
    person = trainer(paused=True, consented=False, languages=frozenset(), school_types=frozenset({SchoolType.HBO}))
    assert ways(opening(), person) == []


def test_a_way_in_holds_no_larger_way() -> None:
    found = [frozenset(way) for way in ways(opening(forms=(Form.SECONDMENT,)), trainer(forms=(Form.GUEST,)))]
    assert found
    assert all(not one < other for one in found for other in found)


def test_an_employer_who_refused_may_agree_or_the_school_takes_another_form() -> None:
    refused = trainer(company_id=COMPANY, company_agreed=False)
    found = ways(opening(forms=(Form.SECONDMENT,)), refused)
    assert found == [[("company", "agree", None)], [("school", "accept-form", "guest")]]


def test_the_second_candidate_learns_which_wish_lifts_them() -> None:
    first, second = trainer(1), trainer(2, months=12, place=AMERSFOORT)
    ranking = ranked(opening(), first, second)
    assert ranking.ways(second.trainer_id, at_most=2) == (), "nobody moves house for it"
    weaker = trainer(1, months=24)
    ranking = ranked(opening(), weaker, trainer(2, months=12, availability=Week.of([(2, 510, 690)])))
    found = [[hint.change for hint in way.hints] for way in ranking.ways(second.trainer_id, at_most=2)]
    assert found == [["want-months"], ["be-available"]]
    for way in ranking.ways(second.trainer_id, at_most=2):
        changed = way.applied(ranking.evidence.pair(ranking.evidence.profiles[1]))
        assert ranked(changed.opening, weaker, changed.profile).shortlist[0].trainer_id == second.trainer_id


def test_the_first_candidate_needs_nothing() -> None:
    ranking = ranked(opening(), trainer(1), trainer(2, place=AMERSFOORT))
    assert ranking.ways(trainer(1).trainer_id, at_most=2) == ()


def test_the_only_candidate_who_fits_is_first() -> None:
    assert ranked(opening(), trainer(1, months=24)).ways(trainer(1).trainer_id, at_most=2) == ()


@pytest.mark.parametrize(
    ("place", "person", "change"),
    [
        (opening(months=None, ends_on=None), trainer(minutes_per_week=180), "want-minutes"),
        (
            opening(forms=(Form.GUEST, Form.SELF_EMPLOYED)),
            trainer(forms=(Form.SELF_EMPLOYED, Form.GUEST)),
            "prefer-form",
        ),
        (opening(), trainer(school_types=frozenset()), "accept-school-type"),
        (opening(months=12), trainer(months=6), "want-months"),
    ],
)
def test_every_wish_can_lift_a_candidate(place: Opening, person: Profile, change: str) -> None:
    one = pair(place, person)
    found = [hint.change for way in ways_up(one, above=one.total(), at_most=9) for hint in way.hints]
    assert change in found


def test_without_a_roster_the_first_free_days_are_asked() -> None:
    place = opening(roster=None, minutes_per_week=360)
    (first, *_) = ways(place, trainer(availability=Week()))
    assert first == [("trainer", "be-available", "1 08:30-14:30")]
    busy = trainer(availability=TUESDAY_MORNING)
    assert ways(place, busy)[0] == [("school", "ask-minutes", 240)]


def test_lessons_move_to_when_the_trainer_can() -> None:
    found = ways(opening(), trainer(availability=FRIDAY_MORNING))
    assert [("school", "move-lessons", "5 08:30-12:00")] in found


def test_less_work_is_asked_where_the_company_leaves_little_time() -> None:
    hours = CompanyHours(minutes_per_week=2700, weekdays=frozenset(range(1, 6)))
    person = trainer(company_id=COMPANY, company_hours=hours, company_agreed=True)
    found = ways(opening(forms=(Form.DUAL_EMPLOYMENT,)), person)
    assert found
    assert {change for way in found for _, change, _ in way} <= {"ask-minutes", "accept-form"}


def test_an_employer_lets_the_trainer_go_for_longer_or_the_school_asks_less() -> None:
    assert ways(opening(), trainer(company_id=COMPANY, employer_minutes=200)) == [
        [("company", "let-teach", 210)],
        [("school", "ask-minutes", 180)],
    ]


def test_where_the_employer_leaves_nothing_only_the_employer_can_help() -> None:
    assert ways(opening(), trainer(company_id=COMPANY, employer_minutes=20)) == [[("company", "let-teach", 210)]]
