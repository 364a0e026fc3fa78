"""A vacancy never has more takers than places (I4), and waits exactly as long as somebody is missing."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Conflict
from events.matching import (
    VacancyPlaceFreed,
    VacancyPlaceTaken,
    VacancyRanked,
    VacancyWaiting,
    WaitlistPromoted,
)
from events.words import Form, SchoolType
from matching.vacancy.model.vacancy import LIFE_CYCLE, NoPlaceLeft, NoSearch, NotPossible, Status, Vacancy
from tests.unit.matching.proposal.proposal_examples import FACTS, LATER, NOON, facts, vacancy

FIRST, SECOND = UUID(int=1), UUID(int=2)
ID: Final = FACTS.vacancy_id


def in_status(status: Status) -> Vacancy:
    return vacancy(status=status, waiting_since=NOON if status is Status.WAITING else None)


def test_the_last_place_goes_to_who_is_first() -> None:
    full, told = vacancy().take_place(FIRST)
    assert told == [VacancyPlaceTaken(vacancy_id=ID, proposal_id=FIRST, places=1, taken=1)]
    assert full.free == 0
    with pytest.raises(NoPlaceLeft):
        full.take_place(SECOND)
    assert full.take_place(FIRST) == (full, [])


def test_a_place_that_is_given_back_can_be_taken_again() -> None:
    full, _ = vacancy().take_place(FIRST)
    free, told = full.give_back(FIRST)
    assert told == [VacancyPlaceFreed(vacancy_id=ID, proposal_id=FIRST, places=1, taken=0)]
    assert free.take_place(SECOND)[0].taken_by == (SECOND,)
    assert free.give_back(FIRST) == (free, [])


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_where_nobody_is_looked_for_no_place_is_taken_but_one_is_given_back(status: Status) -> None:
    ended = vacancy(status=status, taken_by=(FIRST,), facts=facts(places=2))
    assert ended.free == 0
    with pytest.raises(NoSearch, match=f"{status} looks for nobody"):
        ended.take_place(SECOND)
    assert ended.give_back(FIRST)[0].taken == 0


def test_a_school_that_takes_places_away_takes_none_from_who_has_one() -> None:
    full = vacancy(facts=facts(places=2), taken_by=(FIRST, SECOND))
    smaller = full.change(facts(places=1))
    assert (smaller.taken, smaller.free) == (2, 0)
    assert smaller.give_back(FIRST)[0].free == 0


def test_a_ranking_is_noted() -> None:
    ranked, told = vacancy().ranked(FIRST, candidates=12, fitting=3, policy_version=7)
    assert ranked.ranking_id == FIRST
    assert told == [VacancyRanked(vacancy_id=ID, ranking_id=FIRST, candidates=12, fitting=3, policy_version=7)]
    assert ranked.case == ID


def test_it_waits_until_somebody_comes() -> None:
    waits, told = vacancy().wait(missing=1, candidates=12, at=NOON)
    assert told == [VacancyWaiting(vacancy_id=ID, free_places=1, candidates=12, escalated=False)]
    assert (waits.status, waits.waiting_since) == (Status.WAITING, NOON)
    assert waits.wait(missing=1, candidates=13, at=LATER) == (waits, [])
    found, told = waits.promote(FIRST)
    assert told == [WaitlistPromoted(vacancy_id=ID, proposal_id=FIRST)]
    assert (found.status, found.waiting_since) == (Status.OPEN, None)
    assert found.promote(FIRST) == (found, [])


def test_the_desk_is_asked_to_help_once_in_a_wait() -> None:
    waits, _ = vacancy().wait(missing=1, candidates=12, at=NOON)
    helped, told = waits.escalate(missing=1, candidates=14)
    assert told == [VacancyWaiting(vacancy_id=ID, free_places=1, candidates=14, escalated=True)]
    assert helped.escalate(missing=1, candidates=14) == (helped, [])
    assert not helped.promote(FIRST)[0].escalated
    with pytest.raises(NotPossible, match="open cannot become escalated"):
        vacancy().escalate(missing=1, candidates=0)


def test_other_terms_begin_a_new_round() -> None:
    assert vacancy().change(facts(minutes_per_week=240)).round == 2
    assert vacancy().change(facts(forms=[Form.SECONDMENT])).round == 2
    assert vacancy().change(facts(school_type=SchoolType.MBO)).round == 2


def test_a_change_without_a_consent_begins_no_new_round() -> None:
    changed = vacancy().change(facts(places=3, supervisor_id=None, group_size=12, region="AM01"))
    assert (changed.round, changed.facts.places) == (1, 3)


def test_a_vacancy_that_waited_is_looked_at_anew_when_it_changes() -> None:
    waits, _ = vacancy().wait(missing=1, candidates=12, at=NOON)
    changed = waits.change(facts(places=2))
    assert (changed.status, changed.waiting_since) == (Status.OPEN, None)


def test_a_change_does_not_open_what_is_closed() -> None:
    assert in_status(Status.CLOSED).change(facts(places=2)).status is Status.CLOSED


def test_a_vacancy_ended_and_reopened_by_registry_changes_once_each() -> None:
    closed = vacancy().close()
    assert closed.close() == closed
    assert closed.reopen().status is Status.OPEN
    assert vacancy().reopen() == vacancy()
    gone = vacancy().withdraw()
    assert gone.withdraw() == gone


PROPOSALS: Final = st.integers(1, 5).map(lambda number: UUID(int=number))
STEPS: Final = st.one_of(
    PROPOSALS.map(lambda each: ("take", each)),
    PROPOSALS.map(lambda each: ("give back", each)),
    st.integers(1, 4).map(lambda places: ("places", places)),
    st.sampled_from([("close", None), ("reopen", None), ("withdraw", None), ("wait", None), ("promote", None)]),
)


@given(st.integers(1, 4), st.lists(STEPS, max_size=40))
def test_places_are_never_overfilled(places: int, steps: list[tuple[str, Any]]) -> None:
    each = vacancy(facts=facts(places=places))
    for what, about in steps:
        before = each
        try:
            match what:
                case "take":
                    each, _ = each.take_place(about)
                    assert about in before.taken_by or (before.free > 0 and each.taken <= each.facts.places)
                case "give back":
                    each, _ = each.give_back(about)
                    assert about not in each.taken_by
                case "places":
                    each = each.change(facts(places=about))
                case "wait":
                    each, _ = each.wait(missing=1, candidates=0, at=NOON)
                case "promote":
                    each, _ = each.promote(FIRST)
                case _:
                    each = getattr(each, what)()
        except Conflict:
            assert each is before
        assert len(set(each.taken_by)) == each.taken
        # More are in than there are places only if the school took places away from under them.
        assert each.taken <= max(each.facts.places, before.taken)
        assert each.status is before.status or each.status in LIFE_CYCLE.next[before.status]
        assert (each.waiting_since is not None) == (each.status is Status.WAITING)
