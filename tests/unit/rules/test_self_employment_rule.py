"""False self-employment: the score of the answers, and the threshold above which a person looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from common.decision import Outcome
from common.policy import Policies
from rules.forms import Form
from rules.self_employment import SelfEmploymentFacts, check

FREE = SelfEmploymentFacts(
    form=Form.SELF_EMPLOYED,
    day=date(2026, 9, 1),
    free_substitution=True,
    free_content=True,
    other_clients=True,
    share_of_hours=Decimal("0.7"),
    core_curriculum=False,
    incidental=True,
    rostered=False,
    supervised=False,
)
EMBEDDED: dict[str, Any] = {"core_curriculum": True, "rostered": True, "supervised": True}


def test_one_who_is_free_in_everything_scores_nothing(policies: Policies) -> None:
    (score,) = check(FREE, policies).reasons
    assert (score.rule, score.measured, score.limit, score.outcome) == ("SELF_EMPLOYMENT", 0, 50, Outcome.PASS)


@pytest.mark.parametrize(
    ("change", "signal", "points"),
    [
        ({"free_substitution": False}, "noFreeSubstitution", 25),
        ({"free_content": False}, "noFreeContent", 20),
        ({"other_clients": False}, "noOtherClients", 20),
        ({"share_of_hours": Decimal("0.71")}, "highShareOfHours", 15),
        ({"core_curriculum": True}, "coreCurriculum", 10),
        ({"incidental": False}, "notIncidental", 10),
        ({"rostered": True}, "rostered", 10),
        ({"supervised": True}, "supervised", 10),
    ],
)
def test_each_risky_answer_or_none_at_all_adds_its_points(
    policies: Policies, change: dict[str, Any], signal: str, points: int
) -> None:
    for answer in (change, dict.fromkeys(change)):
        found, score = check(replace(FREE, **answer), policies).reasons
        assert (found.rule, found.measured, score.measured) == (f"SELF_EMPLOYMENT.{signal}", points, points)


def test_above_the_threshold_a_person_must_look(policies: Policies) -> None:
    at_it = replace(FREE, free_content=False, other_clients=False, incidental=False)
    above = replace(at_it, core_curriculum=True)
    assert not check(at_it, policies).needs_review
    assert check(above, policies).needs_review
    assert check(above, policies).ok
    assert not check(above, policies.with_value("self_employment", threshold=60)).needs_review


def test_own_lessons_of_the_school_in_its_timetable_under_its_teacher_are_always_looked_at(policies: Policies) -> None:
    """Seen red: free in content and with other clients, structural lessons in the timetable passed with 45 points."""
    verdict = check(replace(FREE, **EMBEDDED), policies)
    assert {reason.rule for reason in verdict.reasons if reason.outcome is Outcome.REVIEW} == {
        "SELF_EMPLOYMENT.embedded"
    }
    assert verdict.reasons[-1].outcome is Outcome.PASS, "the score itself is low"
    for answer in EMBEDDED:
        assert not check(replace(FREE, **{**EMBEDDED, answer: False}), policies).needs_review, answer
        assert check(replace(FREE, **{**EMBEDDED, answer: None}), policies).needs_review, "no answer is the risky one"


def test_structural_lessons_in_the_timetable_count_without_supervision_too(policies: Policies) -> None:
    case = replace(FREE, free_substitution=False, core_curriculum=True, incidental=False, rostered=True)
    assert check(case, policies).reasons[-1].measured == 55
    assert check(case, policies).needs_review


def test_before_it_was_enforced_only_the_score_counted(policies: Policies) -> None:
    case = replace(FREE, **EMBEDDED, free_substitution=False, incidental=False, day=date(2024, 12, 31))
    verdict = check(case, policies)
    assert (verdict.reasons[-1].measured, verdict.needs_review) == (45, False)
    assert check(replace(case, day=date(2025, 1, 1)), policies).needs_review


@pytest.mark.parametrize("form", [Form.DUAL_EMPLOYMENT, Form.SECONDMENT, Form.GUEST])
def test_no_other_form_is_concerned(policies: Policies, form: Form) -> None:
    (reason,) = check(SelfEmploymentFacts(form=form, day=FREE.day), policies).reasons
    assert (reason.rule, reason.outcome) == ("SELF_EMPLOYMENT_NOT_CONCERNED", Outcome.PASS)
