"""No start without a VOG that is young enough and shown in time, where the law asks for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from common.decision import Outcome
from common.policy import Policies
from rules.forms import SchoolType
from rules.vog import VogFacts, attainable, check

START = date(2026, 8, 31)
SHOWN = VogFacts(school_type=SchoolType.MBO, starts_on=START, issued_on=date(2026, 2, 28), shown_on=date(2026, 8, 31))


def blocked(facts: VogFacts, policies: Policies) -> list[str]:
    return [reason.rule for reason in check(facts, policies).reasons if reason.outcome is Outcome.BLOCK]


@pytest.mark.parametrize(
    ("school_type", "oldest"),
    [(SchoolType.PO, date(2026, 2, 28)), (SchoolType.MBO, date(2026, 2, 28)), (SchoolType.VO, date(2026, 3, 2))],
)
def test_half_a_year_old_and_shown_on_the_first_day_is_just_in_time(
    policies: Policies, school_type: SchoolType, oldest: date
) -> None:
    """Before: six months in vo too, where the law counts 26 weeks."""
    assert check(replace(SHOWN, school_type=school_type, issued_on=oldest), policies).ok
    older = replace(SHOWN, school_type=school_type, issued_on=oldest - timedelta(days=1))
    assert blocked(older, policies) == ["VOG_AGE"]


@pytest.mark.parametrize(
    ("facts", "rules"),
    [
        (replace(SHOWN, issued_on=date(2026, 2, 27)), ["VOG_AGE"]),
        (replace(SHOWN, shown_on=date(2026, 9, 1), issued_on=date(2026, 3, 1)), ["VOG_SHOWN"]),
        (replace(SHOWN, issued_on=date(2026, 9, 1)), ["VOG_SHOWN"]),
        (replace(SHOWN, issued_on=None), ["VOG_MISSING"]),
        (replace(SHOWN, shown_on=None), ["VOG_MISSING"]),
    ],
)
def test_too_old_too_late_or_missing_blocks_the_start(policies: Policies, facts: VogFacts, rules: list[str]) -> None:
    assert blocked(facts, policies) == rules
    assert not check(facts, policies).ok


def test_the_age_counts_on_the_day_of_showing(policies: Policies) -> None:
    """Before: a certificate that was young enough when it was shown was too old by a later start."""
    early = replace(SHOWN, issued_on=date(2026, 1, 15), shown_on=date(2026, 7, 1))
    assert check(early, policies).ok
    assert attainable(early, date(2026, 8, 30), policies).ok
    long_ago = replace(early, issued_on=date(2025, 3, 4), shown_on=date(2025, 8, 31))
    assert check(long_ago, policies).ok
    stale = replace(long_ago, shown_on=date(2025, 8, 30))
    assert blocked(stale, policies) == ["VOG_AGE"], "a showing of more than a year ago counts no more"
    assert not attainable(stale, date(2026, 8, 30), policies).ok
    not_shown = replace(early, shown_on=None)
    assert attainable(not_shown, date(2026, 7, 15), policies).ok, "it can be shown today"
    assert not attainable(not_shown, date(2026, 8, 30), policies).ok
    before = replace(early, starts_on=date(2025, 7, 31), issued_on=date(2025, 1, 15), shown_on=date(2025, 7, 1))
    assert blocked(before, policies) == ["VOG_AGE"], "rows of before looked at the start"


def test_contract_activities_ask_for_none(policies: Policies) -> None:
    sold = VogFacts(school_type=SchoolType.MBO, starts_on=START, contract_activity=True)
    assert [reason.rule for reason in check(sold, policies).reasons] == ["VOG_NOT_ASKED"]
    assert attainable(sold, START, policies).ok
    assert not check(sold, policies.with_value("vog", exceptContractActivities=False)).ok


@pytest.mark.parametrize("school_type", [SchoolType.HBO, SchoolType.WO])
def test_higher_education_is_not_asked(policies: Policies, school_type: SchoolType) -> None:
    nothing = VogFacts(school_type=school_type, starts_on=START)
    assert check(nothing, policies).ok
    assert attainable(nothing, START, policies).ok
    assert not check(nothing, policies.with_value("vog", schoolTypes=["hbo", "wo"])).ok


def test_another_policy_takes_an_older_one(policies: Policies) -> None:
    old = replace(SHOWN, issued_on=date(2025, 8, 31))
    assert not check(old, policies).ok
    assert check(old, policies.with_value("vog", maxAgeMonths=12)).ok


@pytest.mark.parametrize(
    ("issued_on", "today", "ok"),
    [
        (date(2026, 2, 28), date(2026, 8, 30), True),
        (date(2026, 2, 27), date(2026, 8, 30), False),
        (None, date(2026, 8, 3), True),
        (None, date(2026, 8, 4), False),
    ],
    ids=["held", "too old", "time to apply", "too late to apply"],
)
def test_it_is_attainable_when_held_or_when_there_is_time(
    policies: Policies,
    issued_on: date | None,
    today: date,
    ok: bool,  # noqa: FBT001 - a column of the table
) -> None:
    facts = replace(SHOWN, issued_on=issued_on, shown_on=None)
    assert attainable(facts, today, policies).ok is ok
