"""Who is proposed, in which form, and what is kept of the reasons."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

import pytest

from common.decision import Outcome
from events.words import Form
from matching.profile.model.profile import CompanyHours
from matching.proposal.model.grounds import Occasion, best, candidate, rank_of
from matching.proposal.model.still_lawful import still_lawful
from matching.ranking.model.assessment import Standing
from matching.vacancy.model.terms import Terms
from tests.unit.matching.ranking.ranking_examples import (
    COMPANY,
    FRIDAY_MORNING,
    GRONINGEN,
    POLICIES,
    TODAY,
    TUESDAY_MORNING,
    by_lot,
    opening,
    ranked,
    trainer,
)

RUN = UUID(int=5001)
FEW = POLICIES.with_value("matching.limits", shortlistSize=2)


def crowd(count: int, **other: Any) -> list[Any]:
    return [trainer(number, **other) for number in range(1, count + 1)]


def numbers(found: tuple[Any, ...]) -> list[int]:
    return [each.trainer_id.int for each in found]


def test_the_best_come_first_with_their_rank() -> None:
    found = best(ranked(opening(), *crowd(3), trainer(9, subjects=frozenset({"pie"}))), RUN, 4)
    assert numbers(found) == [*by_lot(1, 2, 3), 9]
    assert [each.grounds.rank for each in found] == [1, 2, 3, 4]
    assert found[0].grounds.score > found[3].grounds.score
    assert all(each.grounds.ranking_id == RUN for each in found)


def test_no_more_are_taken_than_asked_for() -> None:
    assert numbers(best(ranked(opening(), *crowd(3)), RUN, 2)) == by_lot(1, 2, 3)[:2]
    assert best(ranked(opening(), *crowd(3)), RUN, 0) == ()


def test_beyond_the_shortlist_the_law_is_asked_one_by_one() -> None:
    overworked = trainer(3, company_id=COMPANY, company_hours=at_work(3300), forms=(Form.GUEST,))
    ranking = ranked(opening(), *crowd(2), overworked, trainer(4), trainer(5), policies=FEW)
    assert len(ranking.shortlist) == 2
    found = best(ranking, RUN, 3)
    assert numbers(found) == by_lot(1, 2, 4, 5)[:3]
    assert numbers(best(ranking, RUN, 5)) == by_lot(1, 2, 4, 5)


def test_asking_the_law_ends_somewhere() -> None:
    stingy = FEW.with_value("matching.limits", examineAtMost=2)
    ranking = ranked(opening(), *crowd(8), policies=stingy)
    assert numbers(best(ranking, RUN, 8)) == by_lot(*range(1, 9))[:4]


def test_a_trainer_who_does_not_fit_is_not_proposed() -> None:
    assert best(ranked(opening(), trainer(1, place=GRONINGEN)), RUN, 1) == ()


def at_work(minutes_per_week: int) -> CompanyHours:
    return CompanyHours(minutes_per_week=minutes_per_week, weekdays=frozenset({1, 2, 3, 4, 5}))


def test_the_form_is_the_first_in_which_the_hours_fit() -> None:
    """Beside 45 hours at the company a morning is too much, unless it is lent within those 45."""
    wanted = opening(forms=(Form.DUAL_EMPLOYMENT, Form.SECONDMENT))
    employed = trainer(1, company_id=COMPANY, company_agreed=True, company_hours=at_work(2400))
    assert best(ranked(wanted, employed), RUN, 1)[0].form is Form.DUAL_EMPLOYMENT
    busier = dataclasses.replace(employed, company_hours=at_work(2700))
    assert best(ranked(wanted, busier), RUN, 1)[0].form is Form.SECONDMENT


def test_the_grounds_add_up_and_name_every_rule() -> None:
    ranking = ranked(opening(), trainer(1))
    grounds = best(ranking, RUN, 1)[0].grounds
    assert sum(grounds.factors.values()) == grounds.points == ranking.shortlist[0].total
    assert grounds.factors["shortage"] == 50_000
    assert {"DISTANCE", "LANGUAGE", "WORKING_TIME_FORM"} <= {reason.rule for reason in grounds.reasons}
    assert 0 < grounds.score <= 1000


def test_rows_kept_of_an_erased_trainer_hold_no_personal_value() -> None:
    asked = best(ranked(opening(), trainer(1)), RUN, 1)[0].on(Occasion(kind="search", free=1, asked=0, chance=4000))
    grounds = asked.grounds
    assert (grounds.occasion is not None, {*grounds.classes}) == (
        True,
        {"company_size", "distance_limit", "evening_only", "hours_wanted"},
    )
    kept = grounds.emptied()
    assert (kept.rank, kept.score, kept.points, kept.policy_version) == (
        grounds.rank,
        grounds.score,
        grounds.points,
        grounds.policy_version,
    )
    assert (kept.factors, kept.reasons, kept.minutes, kept.kilometres) == ({}, (), 0, 0)
    assert (kept.classes, kept.occasion) == ({}, None)


def test_a_candidate_of_one_s_own_choice_has_a_rank_too() -> None:
    ranking = ranked(opening(), *crowd(4), policies=FEW)
    last = by_lot(1, 2, 3, 4)[3]
    assert rank_of(ranking, UUID(int=last)) == 4
    assessed = ranking.explain(UUID(int=last))
    assert assessed.standing is Standing.RESERVE
    assert candidate(ranking, RUN, assessed).grounds.rank == 4


def test_the_last_check_asks_the_law_and_the_consent_again() -> None:
    fine = still_lawful(opening(), trainer(1), Form.GUEST, POLICIES, TODAY, proposed=210)
    assert fine.ok
    withdrawn = still_lawful(opening(), trainer(1, consented=False), Form.GUEST, POLICIES, TODAY, proposed=210)
    assert [reason.rule for reason in withdrawn.reasons if reason.outcome is Outcome.BLOCK] == ["CONSENT"]


def test_the_last_check_is_for_the_form_that_was_agreed() -> None:
    busy = trainer(1, company_id=COMPANY, company_hours=at_work(2700))
    either = opening(forms=(Form.GUEST, Form.SECONDMENT))
    assert not still_lawful(either, busy, Form.GUEST, POLICIES, TODAY, proposed=210).ok
    assert still_lawful(either, busy, Form.SECONDMENT, POLICIES, TODAY, proposed=210).ok


@pytest.mark.parametrize("change", [{"place": GRONINGEN}, {"availability": FRIDAY_MORNING}, {"languages": frozenset()}])
def test_a_deviation_that_the_parties_accepted_is_not_judged_again(change: dict[str, Any]) -> None:
    assert still_lawful(
        opening(roster=TUESDAY_MORNING), trainer(1, **change), Form.GUEST, POLICIES, TODAY, proposed=210
    ).ok


def test_terms_are_policy() -> None:
    terms = Terms.of(POLICIES, TODAY)
    assert (terms.answer.days, [each.days for each in terms.reminders], terms.draft.days, terms.waiting.days) == (
        14,
        [7, 12],
        30,
        14,
    )
    shorter = Terms.of(POLICIES.with_value("matching.terms", proposalDays=3, reminderDays=[2, 1]), TODAY)
    assert (shorter.answer.days, [each.days for each in shorter.reminders]) == (3, [1, 2])


def test_the_limit_of_the_employer_is_asked_again_when_all_have_agreed() -> None:
    lowered = still_lawful(opening(), trainer(1, employer_minutes=209), Form.GUEST, POLICIES, TODAY, proposed=210)
    assert [each.rule for each in lowered.reasons if each.outcome is Outcome.BLOCK] == ["EMPLOYER_LIMIT"]
    assert still_lawful(opening(), trainer(1, employer_minutes=210), Form.GUEST, POLICIES, TODAY, proposed=210).ok
