"""Which vacancies the search leaves to the plan of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from matching.proposal.model.patience import Patience
from tests.unit.matching.ranking.ranking_examples import BUILT_IN

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TODAY = NOW.date()


def patience(*, daily: bool = True, days: int = 3) -> Patience:
    return Patience(daily=daily, begins_after=timedelta(days=42), lasts=timedelta(days=days))


@pytest.mark.parametrize(("begins_in", "waits"), [(42, True), (300, True), (41, False), (0, False), (-1, False)])
def test_a_vacancy_that_begins_sooner_cannot_wait(begins_in: int, *, waits: bool) -> None:
    until = patience().until(TODAY + timedelta(days=begins_in), NOW, TODAY)
    assert until == (NOW + timedelta(days=3) if waits else None)


@pytest.mark.parametrize("given", [patience(daily=False), patience(days=0)], ids=["no daily plan", "no days"])
def test_nothing_is_left_where_there_is_no_plan_or_no_time_for_it(given: Patience) -> None:
    assert given.until(TODAY + timedelta(days=300), NOW, TODAY) is None


def test_nothing_is_left_by_the_policy_that_is_built_in() -> None:
    found = Patience.of(BUILT_IN, TODAY)
    assert not found.daily
    assert found.lasts > timedelta()
