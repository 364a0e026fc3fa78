"""When an area of the talent pool is shown anew: in company, or in the end."""

from __future__ import annotations

from datetime import date, timedelta

from matching.edition.model import Editions
from tests.unit.matching.ranking.ranking_examples import POLICIES, TODAY

EDITIONS = Editions.of(POLICIES, TODAY)
YESTERDAY = TODAY - timedelta(days=1)


def ready(changed: dict[str, int], complete_on: dict[str, date]) -> frozenset[str]:
    return EDITIONS.ready(changed, complete_on, TODAY)


def test_the_policy_says_how_many_how_late_and_over_how_long() -> None:
    assert Editions(smallest_change=3, at_latest=timedelta(days=7), spread=timedelta(days=1)) == EDITIONS


def test_an_area_in_which_enough_changed_is_shown_anew() -> None:
    assert ready({"AM01": 3, "AM02": 2}, dict.fromkeys(("AM01", "AM02", "AM03"), YESTERDAY)) == {"AM01"}


def test_the_first_trainer_of_an_area_waits_for_others_as_well() -> None:
    assert ready({"AM01": 1}, {"AM02": YESTERDAY}) == frozenset()
    assert ready({"AM01": 3}, {"AM02": YESTERDAY}) == {"AM01"}


def test_an_area_is_not_held_back_for_ever() -> None:
    assert ready({"AM01": 1}, {"AM01": TODAY - timedelta(days=6)}) == frozenset()
    assert ready({"AM01": 1}, {"AM01": TODAY - timedelta(days=7)}) == {"AM01"}
