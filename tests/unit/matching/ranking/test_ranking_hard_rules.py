"""Every hard rule keeps a pair apart on its own, says why, and says what would change that."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from common.decision import Outcome
from common.errors import NotFound
from matching.profile.model.engagement import Engagement
from matching.profile.model.profile import Employer, Profile
from matching.profile.model.week import Week
from matching.ranking.model.assessment import Assessment, Side, Standing
from matching.ranking.model.capacity import Capacity
from matching.ranking.model.changes import Pair, helpful, ways_in
from matching.ranking.model.screening import HardRule
from matching.vacancy.model.opening import Opening
from rules.forms import Form, SchoolType, TeachingRole
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    COMPANY,
    CROWDS,
    FRIDAY_MORNING,
    GRONINGEN,
    OPENINGS,
    POLICIES,
    POOLS,
    TODAY,
    TUESDAY_MORNING,
    UTRECHT,
    VACANCIES,
    criteria,
    opening,
    proposable,
    ranked,
    trainer,
)

ARITHMETIC = HardRule.AVAILABLE | HardRule.CONSENT | HardRule.COMPANY_CONSENT | HardRule.LANGUAGE
ARITHMETIC |= HardRule.DISTANCE | HardRule.ROSTER_OVERLAP | HardRule.SUBJECT | HardRule.SCHOOL_TYPE
ARITHMETIC |= HardRule.ROLE | HardRule.COMMON_FORM | HardRule.OWN_MINUTES | HardRule.EMPLOYER_LIMIT


def explained(place: Opening, person: Profile) -> Assessment:
    return ranked(place, person).explain(person.trainer_id)


def blocked(assessment: Assessment) -> list[str]:
    return [reason.rule for reason in assessment.verdict.reasons if reason.outcome is Outcome.BLOCK]


def test_a_trainer_who_fits_is_shortlisted_with_every_rule_passed() -> None:
    (found,) = ranked(opening(), trainer()).shortlist
    assert found.standing is Standing.SHORTLISTED
    assert found.verdict.ok
    assert found.verdict.policy_version == 7
    always = ARITHMETIC & ~HardRule.EMPLOYER_LIMIT
    assert {rule.code for rule in HardRule if rule & always} <= {reason.rule for reason in found.verdict.reasons}
    assert found.hints == ()


def test_a_limit_that_no_employer_named_adds_no_reason_so_that_rankings_of_before_repeat_to_the_byte() -> None:
    later = {"EMPLOYER_LIMIT", "ABSENCES", "QUIET_WEEK"}
    [plain] = ranked(opening(), trainer()).shortlist
    [limited] = ranked(opening(), trainer(company_id=COMPANY, employer_minutes=2400)).shortlist
    assert later.isdisjoint(reason.rule for reason in plain.verdict.reasons)
    assert later & {reason.rule for reason in limited.verdict.reasons} == {"EMPLOYER_LIMIT"}


ELSEWHERE = (
    Engagement(
        proposal_id=UUID(int=2002), agreed=True, minutes_per_week=60, slots=Week.of([(5, 510, 570)]), place=UTRECHT
    ),
)
"""An hour on Fridays, which takes none of the Tuesday."""
REFUSED_BY_COMPANY: dict[str, Any] = {"company_id": COMPANY, "company_agreed": False}
SECONDED = opening(forms=(Form.SECONDMENT,))


@pytest.mark.parametrize(
    ("rule", "place", "person", "measured", "limit"),
    [
        (HardRule.AVAILABLE, opening(), trainer(paused=True), False, True),
        (HardRule.CONSENT, opening(), trainer(consented=False), False, True),
        (HardRule.COMPANY_CONSENT, SECONDED, trainer(**REFUSED_BY_COMPANY), "", "secondment"),
        (HardRule.COMPANY_CONSENT, SECONDED, trainer(), "", "secondment"),
        (HardRule.LANGUAGE, opening(language="en"), trainer(languages=frozenset({"nl", "de"})), "de nl", "en"),
        (HardRule.DISTANCE, opening(place=AMERSFOORT), trainer(travel_limit_km=19), 20, 19),
        (HardRule.DISTANCE, opening(place=GRONINGEN), trainer(), 159, 40),
        (HardRule.ROSTER_OVERLAP, opening(), trainer(availability=FRIDAY_MORNING), 0, 168),
        (HardRule.ROSTER_OVERLAP, opening(), trainer(minutes_taken=210), 0, 168),
        (HardRule.ROSTER_OVERLAP, opening(), trainer(availability=Week.of([(2, 510, 677)])), 167, 168),
        (HardRule.ROSTER_OVERLAP, opening(roster=None), trainer(availability=Week()), 0, 168),
        (HardRule.OWN_MINUTES, opening(), trainer(minutes_per_week=167), 167, 168),
        (HardRule.EMPLOYER_LIMIT, opening(), trainer(employer_minutes=209), 209, 210),
        (HardRule.EMPLOYER_LIMIT, opening(), trainer(employer_minutes=210, engagements=ELSEWHERE), 150, 210),
        (HardRule.SUBJECT, opening(), trainer(subjects=frozenset({"ict", "roofing"})), "ict roofing", "electrical"),
        (HardRule.SUBJECT, opening(subject="never-seen"), trainer(), "electrical", "never-seen"),
        (HardRule.SCHOOL_TYPE, opening(), trainer(school_types=frozenset({SchoolType.HBO})), "hbo", "vo"),
        (HardRule.ROLE, opening(), trainer(roles=frozenset({TeachingRole.TEACHER})), "teacher", "guest_lecturer"),
        (HardRule.COMMON_FORM, opening(), trainer(forms=(Form.SELF_EMPLOYED,)), "self_employed", "guest"),
    ],
)
def test_a_hard_rule_keeps_the_pair_apart_and_says_why(
    rule: HardRule, place: Opening, person: Profile, measured: Any, limit: Any
) -> None:
    ranking = ranked(place, person, trainer(9))
    assert 1 not in proposable(ranking)
    assert HardRule(int(ranking.failed[0])) == rule
    found = ranking.explain(person.trainer_id)
    assert found.standing is Standing.REJECTED
    assert blocked(found) == [rule.code]
    (reason,) = [reason for reason in found.verdict.reasons if reason.outcome is Outcome.BLOCK]
    assert (reason.measured, reason.limit) == (measured, limit)
    assert {hint.rule for hint in found.hints} <= {rule.code}


@pytest.mark.parametrize(
    ("place", "person"),
    [
        (opening(place=AMERSFOORT), trainer(travel_limit_km=20)),
        (opening(language="en"), trainer(languages=frozenset({"nl", "en"}))),
        (opening(), trainer(availability=Week.of([(2, 552, 800)]))),
        (opening(), trainer(minutes_taken=42)),
        (opening(), trainer(minutes_per_week=168)),
        (opening(), trainer(subjects=frozenset({"pie"}))),
        (opening(), trainer(school_types=frozenset())),
        (opening(), trainer(roles=frozenset({TeachingRole.TEACHER, TeachingRole.GUEST_LECTURER}))),
        (opening(forms=(Form.SECONDMENT, Form.GUEST)), trainer(forms=(Form.SELF_EMPLOYED, Form.GUEST))),
        (opening(forms=()), trainer(forms=(Form.SELF_EMPLOYED,))),
        (SECONDED, trainer(company_id=COMPANY, company_agreed=None)),
        (SECONDED, trainer(company_id=COMPANY, company_agreed=True)),
        (opening(forms=(Form.SECONDMENT, Form.SELF_EMPLOYED)), trainer(**REFUSED_BY_COMPANY)),
        (opening(forms=()), trainer(**REFUSED_BY_COMPANY)),
    ],
)
def test_a_hard_rule_lets_through_what_just_fits(place: Opening, person: Profile) -> None:
    assert proposable(ranked(place, person)) == [1]


def test_several_failing_rules_are_all_kept() -> None:
    person = trainer(paused=True, consented=False, languages=frozenset(), availability=FRIDAY_MORNING)
    assert blocked(explained(opening(), person)) == ["AVAILABLE", "CONSENT", "LANGUAGE", "ROSTER_OVERLAP"]


def test_a_stranger_is_not_in_the_ranking() -> None:
    with pytest.raises(NotFound):
        ranked(opening(), trainer()).explain(UUID(int=2))


def test_the_company_or_the_school_could_make_room() -> None:
    hints = explained(SECONDED, trainer(**REFUSED_BY_COMPANY)).hints
    assert [(hint.by, hint.change, hint.needed) for hint in hints] == [
        (Side.COMPANY, "agree", None),
        (Side.SCHOOL, "accept-form", "guest"),
        (Side.SCHOOL, "accept-form", "self_employed"),
    ]


def test_no_company_that_does_not_exist_is_asked() -> None:
    hints = explained(SECONDED, trainer()).hints
    assert {hint.by for hint in hints} == {Side.SCHOOL}


def test_no_shared_hour_is_answered_from_both_sides() -> None:
    hints = explained(opening(), trainer(availability=FRIDAY_MORNING)).hints
    assert [(hint.by, hint.needed) for hint in hints] == [
        (Side.TRAINER, "2 08:30-12:00"),
        (Side.SCHOOL, "5 08:30-12:00"),
    ]


@given(OPENINGS | VACANCIES, POOLS | CROWDS)
def test_every_hint_takes_its_rule_away_and_every_way_in_leads_in(place: Opening, pool: list[Profile]) -> None:
    """The hints are checked by applying them; here by the ranking itself, from the outside."""
    for person in pool[:3]:
        pair = Pair(opening=place, profile=person, policies=POLICIES, day=TODAY)
        failed = pair.failed()
        assert bool(failed) == (not proposable(ranked(place, person)))
        for change in helpful(pair, failed):
            after = change.applied(pair)
            assert HardRule[change.hint.rule] not in after.failed()
        for way in ways_in(pair, at_most=2):
            after = way.applied(pair)
            assert proposable(ranked(after.opening, after.profile)) == [person.trainer_id.int]


def _expected(place: Opening, person: Profile) -> HardRule:  # noqa: C901 - a list of rules
    """The same rules, one pair at a time and without arrays."""
    failed = HardRule(0)
    company_free = {Form.SELF_EMPLOYED, Form.GUEST}
    possible = set(Form) if person.employer is Employer.WILLING else company_free
    limit = 40 if person.travel_limit_km is None else person.travel_limit_km
    if person.paused:
        failed |= HardRule.AVAILABLE
    if not person.consented:
        failed |= HardRule.CONSENT
    common = set(place.forms or Form) & set(person.forms or Form)
    if not common:
        failed |= HardRule.COMMON_FORM
    if not possible & (common or set(place.forms or Form)):
        failed |= HardRule.COMPANY_CONSENT
    related = {"electrical": {"pie", "metal"}, "pie": {"electrical", "metal"}}.get(place.subject, set())
    if not person.subjects & {place.subject, *related}:
        failed |= HardRule.SUBJECT
    if person.roles and place.role not in person.roles:
        failed |= HardRule.ROLE
    if person.school_types and place.school_type not in person.school_types:
        failed |= HardRule.SCHOOL_TYPE
    needed = math.ceil(place.minutes_needed * 8 / 10)
    if (
        person.minutes_per_week is not None
        and person.minutes_per_week - Capacity(place, criteria(place)).taken(person) < needed
    ):
        failed |= HardRule.OWN_MINUTES
    let = person.employer_minutes
    if let is not None and let - Capacity(place, criteria(place)).taken(person) < place.minutes_needed:
        failed |= HardRule.EMPLOYER_LIMIT
    capacity = Capacity(place, criteria(place))
    if place.language not in person.languages:
        failed |= HardRule.LANGUAGE
    if person.place.kilometres_to(place.place) > limit:
        failed |= HardRule.DISTANCE
    failed |= HardRule.ABSENCES * (capacity.minutes(person) < min(capacity.weekly(person), needed))
    return failed | HardRule.ROSTER_OVERLAP * (capacity.weekly(person) < needed)


@given(OPENINGS, POOLS)
def test_the_columns_decide_as_one_pair_at_a_time_would(place: Opening, pool: list[Profile]) -> None:
    ranking = ranked(place, *pool)
    decided = [HardRule(int(bits)) for bits in ranking.evidence.screening.failed]
    assert decided == [_expected(place, person) for person in pool]


@given(OPENINGS | VACANCIES, POOLS | CROWDS)
def test_no_trainer_who_fails_a_hard_rule_is_ever_proposed(place: Opening, pool: list[Profile]) -> None:
    ranking = ranked(place, *pool)
    shortlisted = {found.trainer_id for found in ranking.shortlist}
    assert all(found.verdict.ok for found in ranking.shortlist)
    for person in pool:
        found = ranking.explain(person.trainer_id)
        assert found.verdict.ok == (found.standing is not Standing.REJECTED) == (person.trainer_id in shortlisted)
        assert found.verdict.ok <= (not found.hints)


def test_the_radius_is_policy() -> None:
    wider = POLICIES.with_value("matching.limits", defaultRadiusKm=160)
    assert proposable(ranked(opening(place=GRONINGEN), trainer())) == []
    assert proposable(ranked(opening(place=GRONINGEN), trainer(), policies=wider)) == [1]


def test_whole_mornings_are_counted_in_minutes() -> None:
    (found,) = ranked(opening(), trainer(availability=TUESDAY_MORNING, minutes_taken=30)).shortlist
    assert found.minutes == 180
