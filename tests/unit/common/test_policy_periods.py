"""Policies: the row that holds on a day, whatever the order in which rows came."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.decision import MissingDependency, NotCovered
from common.policy import Policies, PolicyRow

START = date(2026, 1, 1)


@st.composite
def rows(draw: st.DrawFn) -> PolicyRow:
    begin = draw(st.integers(0, 60))
    length = draw(st.none() | st.integers(0, 40))
    return PolicyRow(
        code=draw(st.sampled_from("ab")),
        version=draw(st.integers(1, 9)),
        valid_from=START + timedelta(days=begin),
        valid_until=None if length is None else START + timedelta(days=begin + length),
        value={"limit": draw(st.integers(0, 9))},
        source="test",
    )


sets = st.lists(rows(), max_size=12, unique_by=lambda row: (row.code, row.valid_from, row.version))


@given(sets, st.integers(0, 120), st.randoms())
def test_on_every_day_the_row_published_last_holds_whatever_the_order(
    given_rows: list[PolicyRow], day: int, chance: object
) -> None:
    when = START + timedelta(days=day)
    shuffled = list(given_rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    policies = Policies.of(shuffled)
    holding = [row for row in given_rows if row.code == "a" and row.holds_on(when)]
    if not holding:
        known = any(row.code == "a" for row in given_rows)
        with pytest.raises(NotCovered if known else MissingDependency, match=f"policy/a@{when}"):
            policies.on("a", when)
    else:
        assert policies.on("a", when) == max(holding, key=lambda row: (row.version, row.valid_from))


@given(sets, st.integers(0, 10))
def test_a_set_is_as_new_as_its_newest_row(given_rows: list[PolicyRow], wanted: int) -> None:
    policies = Policies.of(given_rows)
    assert policies.version == max((row.version for row in given_rows), default=0)
    if wanted > policies.version:
        with pytest.raises(MissingDependency, match=f"policies/{wanted}"):
            policies.at_least(wanted)
    else:
        assert policies.at_least(wanted) is policies


@pytest.mark.parametrize(("day", "holds"), [(0, False), (1, True), (2, True), (3, False)])
def test_both_ends_of_a_period_are_included(day: int, holds: bool) -> None:  # noqa: FBT001 - a case's answer
    row = PolicyRow(
        code="a",
        version=1,
        valid_from=START + timedelta(days=1),
        valid_until=START + timedelta(days=2),
        value={},
        source="",
    )
    assert row.holds_on(START + timedelta(days=day)) is holds


def test_a_scenario_changes_one_value_and_leaves_the_set_as_it_was() -> None:
    policies = Policies.of([PolicyRow(code="a", version=1, valid_from=START, value={"x": 1, "y": 2}, source="")])
    assert policies.with_value("a", x=5).on("a", START).value == {"x": 5, "y": 2}
    assert policies.on("a", START).value == {"x": 1, "y": 2}


def test_the_rules_of_a_kind_are_those_that_have_a_row_on_the_day() -> None:
    ended = START + timedelta(days=1)
    rows = [
        PolicyRow(code="kind.b", version=1, valid_from=START, value={}, source=""),
        PolicyRow(code="kind.a", version=1, valid_from=START, valid_until=ended, value={}, source=""),
        PolicyRow(code="other", version=1, valid_from=START, value={}, source=""),
    ]
    policies = Policies.of(rows)
    for _ in range(2):  # the second time it is remembered
        assert policies.of_kind("kind.", ended) == (rows[0], rows[1])
        assert policies.of_kind("kind.", ended + timedelta(days=1)) == (rows[0],)
    changed = policies.with_value("kind.b", x=1)
    assert changed.of_kind("kind.", START)[0].value == {"x": 1}
    assert policies == Policies.of(rows)
