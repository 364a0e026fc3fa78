"""From which day on a policy row decides who fits, and for which vacancies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.policy import PolicyRow
from matching.profile.model.absence import Absence
from matching.proposal.model.new_rules import AT_THE_START, ON_THE_DAY, RuleChange, changes
from matching.ranking.model.changes import Pair
from rules.forms import TeachingRole
from tests.unit.matching.ranking.ranking_examples import COMPANY, POLICIES, TODAY, opening, trainer

ONE_DAY: Final = timedelta(days=1)
YESTERDAY, TOMORROW, LATER = TODAY - ONE_DAY, TODAY + ONE_DAY, TODAY + timedelta(days=30)
ORDER: Final = {"matching.weights", "matching.bonuses", "matching.scoring", "trades.shortage"}
"""Rules that put those who fit in an order, and decide nothing else."""


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "expected"),
    [
        (YESTERDAY, None, [RuleChange(TODAY)]),
        (TODAY, None, [RuleChange(TODAY)]),
        (TOMORROW, None, [RuleChange(TOMORROW)]),
        (TOMORROW, LATER, [RuleChange(TOMORROW), RuleChange(LATER + ONE_DAY)]),
        (YESTERDAY, TODAY, [RuleChange(TODAY), RuleChange(TOMORROW)]),
        (YESTERDAY, date.max, [RuleChange(TODAY)]),
        (YESTERDAY - ONE_DAY, YESTERDAY, []),
    ],
)
def test_a_rule_of_matching_changes_who_fits_on_its_days(
    valid_from: date, valid_until: date | None, expected: list[RuleChange]
) -> None:
    for code in ON_THE_DAY:
        assert list(changes(code, valid_from, valid_until, TODAY)) == expected


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "expected"),
    [
        (TODAY, None, [RuleChange(TODAY)]),
        (LATER, None, [RuleChange(TODAY, first=LATER), RuleChange(LATER, last=LATER - ONE_DAY)]),
        (YESTERDAY, LATER, [RuleChange(TODAY, last=LATER), RuleChange(LATER + ONE_DAY, last=LATER)]),
        (
            TOMORROW,
            LATER,
            [
                RuleChange(TODAY, first=TOMORROW, last=LATER),
                RuleChange(TOMORROW, last=TODAY),
                RuleChange(LATER + ONE_DAY, last=LATER),
            ],
        ),
        (YESTERDAY, YESTERDAY, []),
    ],
)
def test_a_rule_of_law_counts_at_once_for_lessons_that_begin_while_it_holds(
    valid_from: date, valid_until: date | None, expected: list[RuleChange]
) -> None:
    for code in (*AT_THE_START, "qualification.ground.guest"):
        assert list(changes(code, valid_from, valid_until, TODAY)) == expected


@given(start=st.dates(TODAY, TODAY + timedelta(days=20)), first=st.integers(1, 9), lasts=st.integers(0, 9))
def test_a_vacancy_is_looked_at_once_for_each_day_on_which_the_row_of_its_start_changes(
    start: date, first: int, lasts: int
) -> None:
    """Lessons begin at the earliest today: what holds on that day decides."""
    valid_from = TODAY + timedelta(days=first)
    valid_until = valid_from + timedelta(days=lasts)

    def holds(day: date) -> bool:
        return valid_from <= max(start, day) <= valid_until

    days = [TODAY + timedelta(days=number) for number in range(-1, 25)]
    # The day before the row is known it holds for no vacancy.
    known = [False, *(holds(day) for day in days[1:])]
    turned = [day for day, before, after in zip(days[1:], known, known[1:], strict=False) if before != after]
    found = changes("vog", valid_from, valid_until, TODAY)
    assert [each.due for each in found if each.first <= start <= each.last] == turned


@pytest.mark.parametrize("code", ["vat.rates", "retention.rankings", "matching.asking", "formsheet", *sorted(ORDER)])
def test_a_rule_about_something_else_changes_nothing_here(code: str) -> None:
    assert changes(code, TODAY, None, TODAY) == ()


def test_the_same_change_has_one_id_and_can_be_read_from_it() -> None:
    one, other = RuleChange(TOMORROW), RuleChange(TODAY, first=TOMORROW, last=LATER)
    assert (RuleChange.of(one.id), RuleChange.of(other.id)) == (one, other)
    assert one.id == RuleChange(TOMORROW).id != other.id


class Read(Mapping[str, tuple[PolicyRow, ...]]):
    """Rows that note which of them are asked for."""

    def __init__(self, rows: Mapping[str, tuple[PolicyRow, ...]]) -> None:
        self.rows, self.codes = rows, set[str]()

    def __getitem__(self, code: str) -> tuple[PolicyRow, ...]:
        self.codes.add(code)
        return self.rows[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def items(self) -> object:  # type: ignore[override]  # asked for by kind: those are named below
        return self.rows.items()


def test_every_rule_that_decides_who_fits_is_looked_at_anew() -> None:
    rows = Read(POLICIES.rows)
    away = Absence(first_day=TODAY + timedelta(days=40), last_day=TODAY + timedelta(days=50))
    person = trainer(company_id=COMPANY, absences=(away,))
    for role in TeachingRole:
        Pair(opening=opening(role=role), profile=person, policies=replace(POLICIES, rows=rows), day=TODAY).failed()
    assert {"matching.fit", "vog", "working_time.R4", "school.holidays", "forms.guest"} <= rows.codes
    forgotten = {code for code in rows.codes - ORDER if not changes(code, TODAY, None, TODAY)}
    assert forgotten == set()
