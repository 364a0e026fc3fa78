"""In a quiet week a trainer is not asked by the search, and no question to the trainer ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from events.matching import ProposalProlonged
from matching.profile.model.pool import Pool
from matching.profile.model.published import profile_of, row_of, state_of
from matching.profile.model.quiet import after_quiet, is_quiet
from matching.proposal.model.grounds import asked_in_a_quiet_week, best
from matching.proposal.model.status import NotPossible, Status
from matching.ranking.model.assessment import Standing
from matching.ranking.model.ranking import rank
from matching.ranking.model.screening import WAIVABLE, HardRule
from tests.unit.matching.life_cycles import in_status
from tests.unit.matching.proposal.proposal_examples import LATER, proposal, state
from tests.unit.matching.ranking.ranking_examples import POLICIES, TODAY, opening, ranked, trainer

MONDAY = date(2027, 2, 15)
NEXT = date(2027, 2, 22)


@pytest.mark.parametrize(
    ("day", "quiet"),
    [(date(2027, 2, 14), False), (MONDAY, True), (date(2027, 2, 21), True), (NEXT, False)],
)
def test_a_quiet_week_is_from_monday_to_sunday(day: date, *, quiet: bool) -> None:
    assert is_quiet(day, {MONDAY}) is quiet
    assert profile_of(state(quiet_weeks=[MONDAY]), engagements=(), day=day).quiet is quiet


def test_without_quiet_weeks_no_day_is_quiet() -> None:
    assert not is_quiet(MONDAY, ())


def test_a_moment_in_quiet_weeks_moves_to_the_first_week_after_them() -> None:
    wednesday = datetime(2027, 2, 17, 9, tzinfo=UTC)
    assert after_quiet(wednesday, {NEXT}) == wednesday
    assert after_quiet(wednesday, {MONDAY}) == wednesday + timedelta(weeks=1)
    assert after_quiet(wednesday, {MONDAY, NEXT}) == wednesday + timedelta(weeks=2)


def test_a_week_begins_at_midnight_in_the_netherlands() -> None:
    sunday_night = datetime(2027, 2, 14, 23, 30, tzinfo=UTC)
    assert after_quiet(sunday_night, {MONDAY}) == sunday_night + timedelta(weeks=1)


def test_a_state_without_quiet_weeks_is_stored_as_before() -> None:
    assert "quietWeeks" not in row_of(state())
    assert state_of(row_of(state())) == state()
    assert state_of(row_of(state(quiet_weeks=[MONDAY]))).quiet_weeks == [MONDAY]


def test_the_search_passes_over_a_trainer_in_a_quiet_week() -> None:
    ranking = ranked(opening(), trainer(1, quiet=True), trainer(2))
    assert [each.trainer_id.int for each in best(ranking, UUID(int=5001), 2)] == [2]
    assessed = ranking.explain(UUID(int=1))
    assert assessed.standing is Standing.REJECTED
    assert [reason.rule for reason in assessed.verdict.reasons if reason.outcome == "block"] == ["QUIET_WEEK"]
    assert [hint.change for way in ranking.ways(UUID(int=1), at_most=1) for hint in way.hints] == ["end-quiet-week"]


def test_a_list_of_a_party_shows_no_quiet_week() -> None:
    ranking = rank(opening(), Pool([trainer(1, quiet=True)]), POLICIES, TODAY, open_counts=False)
    assessed = ranking.explain(UUID(int=1))
    assert assessed.standing is Standing.SHORTLISTED
    assert "QUIET_WEEK" not in {reason.rule for reason in assessed.verdict.reasons}


def test_a_desk_may_ask_all_the_same_and_the_broken_wish_is_stored() -> None:
    assert HardRule.QUIET_WEEK & WAIVABLE
    chosen = asked_in_a_quiet_week(best(ranked(opening(), trainer(1)), UUID(int=5001), 1)[0])
    assert [reason.rule for reason in chosen.grounds.reasons if reason.outcome == "block"] == ["QUIET_WEEK"]


def test_an_open_proposal_stays_open_longer() -> None:
    prolonged, [event] = proposal().prolong("quiet_week", LATER)
    assert isinstance(event, ProposalProlonged)
    assert (event.reason, event.left, event.answer_before) == ("quiet_week", list(prolonged.asked), LATER)
    assert (prolonged.open, prolonged.answer_before) == (True, LATER)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PROPOSED}))
def test_a_proposal_that_is_over_is_not_prolonged(status: Status) -> None:
    with pytest.raises(NotPossible, match="prolonged"):
        in_status(status).prolong("quiet_week", LATER)
