"""A trainer is not asked in a quiet week, and no question to the trainer ends in one."""

from __future__ import annotations

from datetime import timedelta

from common.clock import AMSTERDAM
from events.matching import ProposalExpired, ProposalProlonged, VacancyWaiting
from events.registry import ProfileState
from matching.candidate import usecases as candidates
from matching.proposal.usecases.proposing import EXPIRE
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import profile, vacancy


def quiet(matching: Matching, *weeks: int, trainer: ProfileState | None = None) -> ProfileState:
    """A trainer whose quiet weeks begin this week plus so many."""
    today = matching.database.clock.now().astimezone(AMSTERDAM).date()
    monday = today - timedelta(days=today.weekday())
    known = trainer or profile()
    return known.model_copy(update={"quiet_weeks": [monday + timedelta(weeks=number) for number in weeks]})


async def test_the_search_waits_for_the_end_of_a_quiet_week(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(quiet(matching, 0), asked)
    assert await matching.proposals_for(asked.vacancy_id) == []
    assert [each.vacancy_id for each in await matching.told(VacancyWaiting)] == [asked.vacancy_id]
    for _ in range(8):
        await matching.pass_time(days=1)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    made_in = proposal.made_at.astimezone(AMSTERDAM).date()
    assert made_in.weekday() <= 1


async def test_a_desk_asks_in_a_quiet_week_and_the_broken_wish_is_stored(matching: Matching) -> None:
    asked, trainer = vacancy(), quiet(matching, 0)
    await matching.hear(trainer, asked)
    async with matching.database.begin(actor="test") as tx:
        proposal = await candidates.shortlist(tx, asked.vacancy_id, trainer.trainer_id, "desk")
    assert [each.outcome for each in proposal.grounds.reasons if each.rule == "QUIET_WEEK"] == ["block"]


async def test_no_proposal_ends_in_a_quiet_week_whether_known_before_or_set_later(matching: Matching) -> None:
    """Two weeks to answer end in week 2, which is quiet from the start; week 3 becomes quiet meanwhile."""
    asked, trainer = vacancy(), quiet(matching, 2)
    await matching.hear(trainer, asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    assert proposal.answer_before - proposal.made_at == timedelta(weeks=3)
    await matching.hear(quiet(matching, 2, 3, trainer=trainer))
    await matching.pass_time(days=21)
    [prolonged] = await matching.told(ProposalProlonged)
    assert (prolonged.reason, await matching.told(ProposalExpired)) == ("quiet_week", [])
    due = (await matching.deadlines_of(proposal.id))[EXPIRE]
    assert timedelta(days=27) < due - proposal.made_at < timedelta(days=29)
    await matching.pass_time(days=8)
    assert [each.proposal_id for each in await matching.told(ProposalExpired)] == [proposal.id]
