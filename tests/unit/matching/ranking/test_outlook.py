"""The outlook of an opening: how many fit, whether the law allows it, and what would bring more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given

from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.profile.model.week import Week
from matching.ranking.model.blindness import Blindness
from matching.ranking.model.outlook import Outlook, Prospect, options, prospect
from matching.ranking.model.screening import LAW, HardRule
from matching.vacancy.model.opening import Opening
from rules.forms import Form, SchoolType, TeachingRole
from rules.qualification import Credential, Held
from tests.unit.matching.ranking.ranking_examples import (
    FRIDAY_MORNING,
    GRONINGEN,
    OPENINGS,
    POLICIES,
    POOLS,
    TODAY,
    TUESDAY_MORNING,
    WHOLE_YEAR,
    opening,
    ranked,
    trainer,
)

BLINDNESS = Blindness.of(POLICIES, TODAY)


def outlook(place: Opening, *people: Profile) -> Outlook:
    pool = Pool(people)
    found = [(each.hint, seen(each.opening, pool)) for each in options(place, pool, POLICIES, TODAY)]
    return Outlook.of(seen(place, pool), found, BLINDNESS)


def seen(place: Opening, pool: Pool) -> Prospect:
    return prospect(place, pool, POLICIES, TODAY)


def crowd(count: int, **other: Any) -> list[Profile]:
    return [trainer(number, **other) for number in range(1, count + 1)]


def advice(found: Outlook) -> list[tuple[str, Any, int | None]]:
    return [(each.hint.change, each.hint.needed, each.candidates) for each in found.advice]


@given(OPENINGS, POOLS)
def test_candidates_are_counted_as_a_ranking_finds_them_but_for_working_time(
    place: Opening, pool: list[Profile]
) -> None:
    fitting = 0
    for person in pool:
        ranking = ranked(place, person)
        failed = HardRule(int(ranking.evidence.screening.failed[0]))
        verdicts = ranking.evidence.law().verdicts(person)
        lawful = all(verdicts[rule].ok for rule in LAW if rule is not HardRule.WORKING_TIME)
        fitting += not failed and lawful
    assert seen(place, Pool(pool)).fitting == fitting


def test_enough_people_are_counted_in_rounded_numbers_and_by_weekday() -> None:
    place = opening(roster=Week.of([(2, 510, 720), (5, 510, 720)]))
    found = outlook(place, *crowd(7), *(trainer(10 + number, availability=FRIDAY_MORNING) for number in range(5)))
    assert (found.allowed, found.candidates, found.by_weekday) == (True, 10, {2: 5, 5: 5})


def test_a_small_number_looks_like_none() -> None:
    few, none = outlook(opening(), *crowd(4)), outlook(opening(), *crowd(4, paused=True))
    assert (few.candidates, few.by_weekday) == (none.candidates, none.by_weekday) == (None, {2: None})


def test_work_above_the_guest_cap_is_allowed_to_nobody_and_the_school_learns_what_is() -> None:
    """480 minutes as a guest lecturer: ask six hours, or offer another role."""
    place = opening(minutes_per_week=480, roster=Week.of([(2, 510, 990)]), **WHOLE_YEAR)
    found = outlook(place, *crowd(6, availability=Week.of([(2, 510, 990)])))
    assert (found.allowed, found.candidates) == (False, None)
    assert advice(found) == [("ask-minutes", 360, 5), ("offer-role", "teacher", 5)]


def test_where_nobody_has_proof_for_the_role_another_role_is_advised() -> None:
    place = opening(school_type=SchoolType.MBO, role=TeachingRole.TEACHER)
    found = outlook(place, *crowd(6))
    assert not found.allowed
    assert "guest_lecturer" in {needed for change, needed, _ in advice(found) if change == "offer-role"}
    proven = outlook(place, *crowd(6, held=(Held(credential=Credential.PDG),)))
    assert (proven.allowed, proven.candidates) == (True, 5)


def test_hours_by_agreement_and_other_forms_bring_people_who_could_not_come() -> None:
    on_friday = outlook(opening(), *crowd(6, availability=FRIDAY_MORNING))
    assert advice(on_friday)[0] == ("free-roster", None, 5)
    self_employed = outlook(opening(), *crowd(6, forms=(Form.SELF_EMPLOYED,)))
    assert ("accept-any-form", None, 5) in advice(self_employed)


def test_fewer_hours_bring_people_who_can_be_there_for_a_part() -> None:
    found = outlook(opening(), *crowd(6, availability=Week.of([(2, 510, 630)])))
    assert advice(found)[0] == ("ask-minutes", 150, 5)


def test_a_start_that_is_too_soon_for_a_vog_is_answered_with_the_first_possible_day() -> None:
    soon = opening(starts_on=date(2026, 11, 16))
    found = outlook(soon, *crowd(6))
    assert ("start-later", "2026-11-30", 5) in advice(found)
    over = replace(soon, ends_on=date(2026, 11, 20))
    assert ("start-later", "2026-11-30", 5) in advice(outlook(over, *crowd(6)))
    endless = replace(soon, ends_on=None)
    assert ("start-later", "2026-11-30", 5) in advice(outlook(endless, *crowd(6)))


def test_nothing_is_advised_that_brings_nobody_more() -> None:
    assert outlook(opening(), *crowd(6)).advice == ()
    assert outlook(opening(place=GRONINGEN, forms=()), *crowd(6)).advice == ()


def test_an_empty_pool_has_an_outlook_too() -> None:
    found = outlook(opening())
    assert (found.allowed, found.candidates, found.advice) == (False, None, ())


def test_of_hours_by_agreement_every_day_is_counted() -> None:
    found = seen(opening(roster=None), Pool([trainer(1, availability=TUESDAY_MORNING)]))
    assert found.by_weekday == {day: int(day == 2) for day in range(1, 8)}
