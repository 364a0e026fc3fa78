"""From a vacancy to a proposal: who is asked, who waits, and who comes in later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from common.persistence.database import Database
from common.persistence.transaction import uuid7
from events.matching import (
    ProposalMade,
    ProposalWithdrawn,
    VacancyRanked,
    VacancyWaiting,
    WaitlistPromoted,
)
from events.registry import (
    VacancyChanged,
    VacancyClosed,
    VacancyExpired,
    VacancyFilled,
    VacancyPosted,
    VacancyReopened,
    VacancyWithdrawn,
)
from events.words import Slot
from matching.profile.model.published import profile_of
from matching.profile.store import pool, profiles
from matching.proposal.usecases import search, trainers
from matching.proposal.usecases.proposing import EXPIRE, REMIND
from matching.ranking import queries as ranking_queries
from matching.ranking import usecases as ranking
from matching.ranking.model.ranking import rank
from matching.vacancy.model.vacancy import Status
from matching.vacancy.usecases import RETRY_SEARCH
from tests.integration.matching.matching_at_work import GRONINGEN, Matching
from tests.support.asking import OTHER_BOARD, TUESDAY, profile, vacancy
from tests.support.at_work import START, database_at


def changed(posted: VacancyPosted, **other: Any) -> VacancyChanged:
    return VacancyChanged(**{**dict(posted), **other})


async def test_the_best_is_proposed_for_each_place(matching: Matching) -> None:
    near, related, elsewhere = profile(), profile(trades=["pie"]), profile(trades=["roofing"])
    asked = vacancy(places=2)
    await matching.hear(elsewhere, related, near)
    await matching.hear(asked)
    made = {each.rank: each.trainer_id for each in await matching.told(ProposalMade)}
    assert made == {1: near.trainer_id, 2: related.trainer_id}
    assert await matching.told(VacancyWaiting) == []
    [ranked] = await matching.told(VacancyRanked)
    assert (ranked.candidates, ranked.fitting) == (3, 2), "roofing is neither electrical nor close to it"


async def test_the_proposal_says_why_under_which_rules_and_until_when(matching: Matching) -> None:
    fits, asked = profile(), vacancy()
    await matching.hear(fits, asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    rules = {reason.rule: reason.outcome for reason in proposal.grounds.reasons}
    assert {"AVAILABLE", "CONSENT", "LANGUAGE", "DISTANCE", "ROSTER_OVERLAP"} <= set(rules)
    assert set(rules.values()) <= {"pass", "warn"}
    assert proposal.grounds.policy_version == 1
    assert proposal.answer_before - proposal.made_at == timedelta(days=14)
    assert set(await matching.deadlines_of(proposal.id)) == {EXPIRE, REMIND}


async def test_every_event_belongs_to_the_vacancy_s_case(matching: Matching) -> None:
    asked = vacancy(places=2)
    await matching.hear(profile(), asked)
    told = await matching.envelopes()
    assert {headers["ce_correlationid"] for headers in told} == {str(asked.vacancy_id)}
    of_the_vacancy = [h["ce_sequence"] for h in told if h["ce_subject"] == f"vacancy/{asked.vacancy_id}"]
    assert of_the_vacancy == ["1", "2"]


async def test_where_nobody_fits_the_vacancy_waits_and_a_newcomer_takes_it_off_the_list(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(profile(latitude=GRONINGEN[0], longitude=GRONINGEN[1]), asked)
    await matching.settle()
    assert await matching.told(VacancyWaiting) == [
        VacancyWaiting(vacancy_id=asked.vacancy_id, free_places=1, candidates=1, escalated=False)
    ]
    assert (await matching.vacancy(asked.vacancy_id)).waiting_since is not None
    comes = profile()
    await matching.hear(comes)
    await matching.settle()
    [made] = await matching.told(ProposalMade)
    assert made.trainer_id == comes.trainer_id
    assert await matching.told(WaitlistPromoted) == [
        WaitlistPromoted(vacancy_id=asked.vacancy_id, proposal_id=made.proposal_id)
    ]
    assert (await matching.vacancy(asked.vacancy_id)).status is Status.OPEN
    assert await matching.deadlines_of(asked.vacancy_id) == {}


async def test_a_newcomer_is_compared_alone(matching: Matching, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when the newcomer's comparison ranks the pool anew for each vacancy that waits."""
    far = [profile(latitude=GRONINGEN[0], longitude=GRONINGEN[1]) for _ in range(5)]
    days = [TUESDAY.model_copy(update={"day": day}) for day in (1, 2, 3)]
    waiting = [vacancy(board_id=uuid7(), roster=[day]) for day in days]
    await matching.hear(*far, *waiting)
    await matching.settle()

    async def not_again(*_: object, **__: object) -> None:
        pytest.fail("the whole pool was ranked")

    monkeypatch.setattr(search, "rank_pool", not_again)
    comes = profile(availability=days, desired_minutes_per_week=630)
    await matching.hear(comes)
    await matching.settle()
    made = await matching.told(ProposalMade)
    assert {each.vacancy_id for each in made} == {each.vacancy_id for each in waiting}
    assert [each.candidates for each in await matching.told(VacancyRanked)] == [6 - 1, 6 - 1, 6 - 1, 1, 1, 1]


@pytest.mark.parametrize(
    "other",
    [
        {"languages": ["en"]},
        {"latitude": GRONINGEN[0], "longitude": GRONINGEN[1]},
        {"availability": [TUESDAY.model_copy(update={"day": 4})]},
        {"status": "paused"},
        {"status": "intake"},
        {"consent_until": None},
    ],
)
async def test_a_newcomer_that_does_not_fit_changes_nothing(matching: Matching, other: dict[str, Any]) -> None:
    asked = vacancy()
    await matching.hear(asked)
    await matching.settle()
    before = await matching.envelopes()
    await matching.hear(profile(**other))
    await matching.settle()
    assert await matching.envelopes() == before


async def test_a_place_without_a_candidate_waits_beside_one_with(matching: Matching) -> None:
    asked = vacancy(places=2)
    await matching.hear(profile(), asked)
    [waiting] = await matching.told(VacancyWaiting)
    assert waiting.free_places == 1
    await matching.hear(profile())
    await matching.settle()
    assert len(await matching.told(ProposalMade)) == 2
    assert len(await matching.told(WaitlistPromoted)) == 1


async def test_a_newcomer_leaves_a_vacancy_waiting_that_misses_more(matching: Matching) -> None:
    asked = vacancy(places=3)
    await matching.hear(asked)
    await matching.hear(profile())
    await matching.settle()
    assert len(await matching.told(ProposalMade)) == 1
    assert (await matching.vacancy(asked.vacancy_id)).status is Status.WAITING


async def test_a_trainer_who_comes_in_while_a_vacancy_is_ranked_is_found(matching: Matching) -> None:
    """Neither transaction sees the other, the vacancy's ends last. Seen red without its look after the commit."""
    comes, asked = profile(), vacancy()
    async with matching.database.begin(actor="test") as tx:
        await search.begin(tx, asked)
        await matching.hear(comes)
        await matching.settle()
    assert await matching.told(ProposalMade) == []
    await matching.settle()
    [made] = await matching.told(ProposalMade)
    assert made.trainer_id == comes.trainer_id


async def test_a_vacancy_that_comes_in_while_a_trainer_is_entered_is_found(matching: Matching) -> None:
    """Neither transaction sees the other, the trainer's ends last. Seen red with its comparison before the commit."""
    comes, asked = profile(), vacancy()
    async with matching.database.begin(actor="test") as tx:
        await trainers.keep(tx, [comes])
        await matching.hear(asked)
        await matching.settle()
    assert await matching.told(ProposalMade) == []
    await matching.settle()
    [made] = await matching.told(ProposalMade)
    assert made.trainer_id == comes.trainer_id


async def test_a_trainer_and_a_vacancy_in_one_batch_find_each_other(matching: Matching) -> None:
    fits = profile()
    await matching.hear(profile(status="paused"), fits, vacancy())
    [made] = await matching.told(ProposalMade)
    assert made.trainer_id == fits.trainer_id


async def test_the_desk_is_asked_to_help_a_vacancy_that_waits_too_long(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(asked)
    await matching.pass_time(days=13)
    assert [each.escalated for each in await matching.told(VacancyWaiting)] == [False]
    await matching.pass_time(days=2)
    await matching.pass_time(days=30)
    assert [each.escalated for each in await matching.told(VacancyWaiting)] == [False, True]


async def test_a_vacancy_that_waits_is_looked_at_every_day_and_says_nothing_of_it(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(asked)
    await matching.settle()
    planned = (await matching.deadlines_of(asked.vacancy_id))[RETRY_SEARCH]
    assert timedelta(days=1) <= planned - START < timedelta(days=1, hours=1)
    await matching.pass_time(days=1, hours=1)
    assert len(await matching.told(VacancyRanked)) == 1
    assert await matching.count("rankings") == 1
    assert (await matching.deadlines_of(asked.vacancy_id))[RETRY_SEARCH] > planned


async def test_whom_a_new_day_makes_fit_is_found_by_the_daily_look(matching: Matching) -> None:
    asked, fits = vacancy(), profile(status="paused")
    await matching.hear(fits, asked)
    await matching.settle()
    async with matching.database.begin(actor="test") as tx:
        await profiles.put(tx, [profile(trainer_id=fits.trainer_id)])  # as if the comparison had been lost
    await matching.settle()
    assert await matching.told(ProposalMade) == []
    await matching.pass_time(days=1, hours=1)
    [made] = await matching.told(ProposalMade)
    assert made.trainer_id == fits.trainer_id


async def test_a_vacancy_that_nobody_can_place_is_the_desk_s_at_once(matching: Matching) -> None:
    asked = vacancy(latitude=None, longitude=None)
    await matching.hear(profile(), asked)
    assert [each.escalated for each in await matching.told(VacancyWaiting)] == [False, True]
    await matching.hear(profile())
    await matching.settle()
    assert await matching.told(ProposalMade) == []
    await matching.hear(changed(asked, latitude=52.0907, longitude=5.1214))
    assert len(await matching.told(ProposalMade)) == 1


async def test_other_terms_take_back_what_was_asked_and_ask_anew(matching: Matching) -> None:
    fits, asked = profile(), vacancy()
    await matching.hear(fits, asked)
    [first] = await matching.proposals_for(asked.vacancy_id)
    await matching.hear(changed(asked, minutes_per_week=180))
    [withdrawn] = await matching.told(ProposalWithdrawn)
    assert (withdrawn.proposal_id, withdrawn.reason) == (first.id, "vacancy_changed")
    _, second = await matching.proposals_for(asked.vacancy_id)
    assert (second.trainer_id, second.minutes_per_week, second.round) == (fits.trainer_id, 180, 2)
    assert await matching.deadlines_of(first.id) == {}


async def test_a_vacancy_that_moves_to_another_region_takes_its_proposals_along(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(profile(), asked)
    await matching.hear(changed(asked, region="AM05"))
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    assert (proposal.region, proposal.open) == ("AM05", True)
    assert await matching.told(ProposalWithdrawn) == []


async def test_more_places_keep_who_is_asked_and_ask_more(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(profile(), profile(), asked)
    await matching.hear(changed(asked, places=2))
    assert await matching.told(ProposalWithdrawn) == []
    assert len(await matching.told(ProposalMade)) == 2


async def test_a_change_of_a_vacancy_that_waits_looks_anew(matching: Matching) -> None:
    asked = vacancy(roster=[Slot(**{**dict(TUESDAY), "day": 4})])
    await matching.hear(profile(), asked)
    assert len(await matching.told(VacancyWaiting)) == 1
    await matching.hear(changed(asked, roster=[TUESDAY]))
    assert len(await matching.told(ProposalMade)) == 1
    assert await matching.deadlines_of(asked.vacancy_id) == {}


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        (lambda id_: VacancyWithdrawn(vacancy_id=id_, reason="budget"), "vacancy_withdrawn"),
        (lambda id_: VacancyFilled(vacancy_id=id_), "vacancy_filled"),
        (lambda id_: VacancyExpired(vacancy_id=id_), "vacancy_expired"),
        (lambda id_: VacancyClosed(vacancy_id=id_), "vacancy_filled"),
    ],
)
async def test_a_vacancy_that_registry_ends_asks_no_trainer_any_more(
    matching: Matching, ends: Any, reason: str
) -> None:
    asked = vacancy(places=2)
    await matching.hear(profile(), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    await matching.hear(ends(asked.vacancy_id))
    [withdrawn] = await matching.told(ProposalWithdrawn)
    assert withdrawn.reason == reason
    assert await matching.deadlines_of(proposal.id) == {}
    assert await matching.deadlines_of(asked.vacancy_id) == {}
    await matching.hear(profile())
    await matching.settle()
    assert len(await matching.told(ProposalMade)) == 1


async def test_a_vacancy_that_is_opened_again_is_searched_again(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(asked, VacancyFilled(vacancy_id=asked.vacancy_id))
    await matching.hear(profile())
    await matching.settle()
    await matching.hear(VacancyReopened(vacancy_id=asked.vacancy_id), VacancyReopened(vacancy_id=asked.vacancy_id))
    assert len(await matching.told(ProposalMade)) == 1


@pytest.mark.parametrize("ends", [VacancyFilled, VacancyExpired])
async def test_a_reopened_vacancy_asks_again_whom_its_end_left_without_an_answer(
    matching: Matching, ends: type[VacancyFilled | VacancyExpired]
) -> None:
    comes, asked = profile(), vacancy()
    await matching.hear(comes, asked, ends(vacancy_id=asked.vacancy_id))
    await matching.hear(VacancyReopened(vacancy_id=asked.vacancy_id))
    assert [each.trainer_id for each in await matching.told(ProposalMade)] == [comes.trainer_id] * 2


async def test_events_of_a_vacancy_that_was_never_posted_are_ignored(matching: Matching) -> None:
    unknown = vacancy()
    id_ = unknown.vacancy_id
    await matching.hear(
        changed(unknown),
        VacancyWithdrawn(vacancy_id=id_, reason="other"),
        VacancyFilled(vacancy_id=id_),
        VacancyReopened(vacancy_id=id_),
    )
    assert await matching.envelopes() == []


async def test_a_vacancy_whose_transaction_rolled_back_is_never_ranked(matching: Matching) -> None:
    """Red when the pool keeps what this transaction alone has seen."""

    async def in_vain() -> None:
        async with matching.database.begin(actor="test") as tx:
            await trainers.keep(tx, [profile()])
            await search.begin(tx, vacancy())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await in_vain()
    await matching.hear(vacancy())
    assert [each.candidates for each in await matching.told(VacancyRanked)] == [0]


async def test_a_trainer_committed_late_is_not_overlooked(matching: Matching) -> None:
    """Red when the pool remembers the highest transaction it saw instead of the snapshot."""
    late, early = profile(trades=["electrical"]), profile(trades=["roofing"])
    async with matching.database.begin(actor="test") as slow:
        await profiles.put(slow, [late])
        await matching.hear(early)
        await matching.hear(vacancy())
        assert [each.candidates for each in await matching.told(VacancyRanked)] == [1]
    await matching.hear(vacancy(board_id=OTHER_BOARD))
    assert [each.candidates for each in await matching.told(VacancyRanked)] == [1, 2]


async def test_own_changes_are_seen_again_after_the_commit(matching: Matching) -> None:
    """While this transaction ranks, others with higher ids have ended: its own rows must not count as seen."""
    fits = profile()
    async with matching.database.begin(actor="test") as tx:
        await profiles.put(tx, [fits])
        for _ in range(3):
            async with matching.database.begin(actor="test") as other:
                await trainers.keep(other, [profile(status="intake")])
        await search.begin(tx, vacancy())
    await matching.hear(vacancy(board_id=OTHER_BOARD))
    assert [each.candidates for each in await matching.told(VacancyRanked)] == [1, 1]


async def test_every_process_knows_what_another_has_written(matching: Matching) -> None:
    elsewhere = database_at(matching.service, matching.database.url)
    try:
        async with elsewhere.begin(actor="test") as tx:
            assert await profiles.count(tx) == 0
        fits = profile()
        await matching.hear(fits, profile(status="paused"))
        async with elsewhere.begin(actor="test") as tx:
            assert await profiles.count(tx) == 2
        await matching.hear_end_of(type(fits), fits.trainer_id)
        async with elsewhere.begin(actor="test") as tx:
            assert await profiles.count(tx) == 1
    finally:
        await elsewhere.close()


async def test_a_consent_ends_with_its_day_though_nothing_is_heard(matching: Matching) -> None:
    await matching.hear(profile(consent_until=(START + timedelta(days=3)).date()))
    await matching.hear(vacancy())
    assert len(await matching.told(ProposalMade)) == 1
    await matching.pass_time(days=4)
    last = vacancy()
    await matching.hear(last)
    assert [each.vacancy_id for each in await matching.told(VacancyWaiting)] == [last.vacancy_id]


class Turns:
    """Counts how often others get a turn, and notes it whenever a function is called."""

    def __init__(self) -> None:
        self.taken, self.noted = 0, list[int]()

    async def take(self) -> None:
        while True:
            self.taken += 1
            await asyncio.sleep(0)

    def noting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **named: Any) -> Any:
            self.noted.append(self.taken)
            return function(*args, **named)

        return noted


async def test_the_pool_lets_others_at_it_while_it_reads_a_crowd(
    matching: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    await matching.hear(*(profile() for _ in range(250)))
    turns = Turns()
    monkeypatch.setattr(pool, "profile_of", turns.noting(profile_of))
    others = asyncio.create_task(turns.take())
    async with matching.database.begin(actor="test") as tx:
        assert await profiles.count(tx) == 250
    others.cancel()
    assert len(turns.noted) == 250
    assert len(set(turns.noted)) > 1


async def test_a_newcomer_is_compared_with_many_and_lets_others_at_it(
    matching: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One comparison is quick, hundreds in a row would hold everything else up."""
    thursday = [TUESDAY.model_copy(update={"day": 4})]
    await matching.hear(*(vacancy(roster=thursday) for _ in range(60)))
    await matching.settle()
    comes, turns = profile(), Turns()
    await matching.hear(comes)
    monkeypatch.setattr(ranking, "rank", turns.noting(rank))
    monkeypatch.setattr(Database, "POLICIES_ARE_FRESH", 3600.0)  # reading them again would be a turn too
    others = asyncio.create_task(turns.take())
    async with matching.database.begin(actor="test") as tx:
        await trainers.match(tx, comes.trainer_id)
    others.cancel()
    assert len(turns.noted) == 60
    assert len(set(turns.noted)) > 1
    assert await matching.told(ProposalMade) == []


async def test_a_deadline_that_comes_too_late_changes_nothing(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(profile(), asked)
    before = await matching.envelopes()
    async with matching.database.begin(actor="test") as tx:
        await search.retry(tx, asked.vacancy_id)
        await search.escalate(tx, asked.vacancy_id)
    assert await matching.envelopes() == before


async def test_without_reminders_in_the_policy_nobody_is_reminded(matching: Matching) -> None:
    await matching.new_policy("matching.terms", reminderDays=[], proposalDays=3)
    asked = vacancy()
    await matching.hear(profile(), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    assert set(await matching.deadlines_of(proposal.id)) == {EXPIRE}
    assert proposal.answer_before - proposal.made_at == timedelta(days=3)
    assert proposal.grounds.policy_version == 2


async def test_a_vacancy_without_sense_is_parked_with_its_fault(matching: Matching) -> None:
    await matching.receive(vacancy(minutes_per_week=0))
    [reason] = await matching.parked()
    assert reason.startswith("Invalid")
    assert await matching.count("vacancies") == 0


async def test_a_profile_without_sense_is_parked_with_its_fault(matching: Matching) -> None:
    fits = profile()
    await matching.receive(profile(company_id=uuid7(), company_minutes_per_week=1500, company_days=[1]), fits)
    [reason] = await matching.parked()
    assert reason.startswith("Invalid")
    async with matching.database.begin(actor="test") as tx:
        assert await profiles.count(tx) == 1


async def test_equals_take_turns(matching: Matching) -> None:
    """Of two who fit equally well, the one who was asked for the first vacancy is not asked for the second."""
    friday = Slot(day=5, starts=TUESDAY.starts, ends=TUESDAY.ends)
    people = [profile(availability=[TUESDAY, friday], desired_minutes_per_week=0) for _ in range(2)]
    await matching.hear(*people)
    asked = set()
    for each in (vacancy(), vacancy(board_id=OTHER_BOARD, roster=[friday])):
        await matching.hear(each)
        [proposal] = await matching.proposals_for(each.vacancy_id)
        asked.add(proposal.trainer_id)
        assert await repeats(matching, proposal.grounds.ranking_id), "the day of asking is in the profile's version"
    assert asked == {each.trainer_id for each in people}


async def repeats(matching: Matching, ranking_id: UUID) -> bool:
    async with matching.database.begin(actor="test") as tx:
        then, now = await ranking_queries.repeats(tx, ranking_id)
    return then == now
