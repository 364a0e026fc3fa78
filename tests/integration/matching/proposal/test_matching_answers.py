"""What the parties answer: consent in any order, decline, silence; and who wins the last place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.decision import Outcome
from common.errors import NotFound
from common.persistence.transaction import uuid7
from events.contracts import ContractCancelled, ContractRefused
from events.matching import (
    ProposalAccepted,
    ProposalConsented,
    ProposalDeclined,
    ProposalExpired,
    ProposalLapsed,
    ProposalMade,
    ProposalReminded,
    ProposalWithdrawn,
    Proposer,
    VacancyPlaceTaken,
    VacancyWaiting,
)
from events.registry import ProfileState, VacancyFilled, VacancyPosted
from events.words import Form, Party, SchoolType, Slot, TeachingRole
from matching.candidate import usecases as candidates
from matching.profile.store import profiles
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import NotPossible, Status
from matching.proposal.usecases import answers
from matching.proposal.usecases.proposing import LAPSE
from matching.vacancy.model.vacancy import NoPlaceLeft, NoSearch
from tests.integration.matching.matching_at_work import Matching, contract_drafted, drafted
from tests.support.asking import COMPANY, OTHER_BOARD, WHOLE_YEAR, profile, vacancy
from tests.support.at_work import database_at

EMPLOYED = {
    "company_id": COMPANY,
    "employer_agreed": True,
    "company_minutes_per_week": 1920,
    "company_days": [1, 2, 3, 4],
}


async def consent(matching: Matching, proposal: Proposal, *parties: Party) -> Proposal:
    for party in parties or proposal.asked:
        async with matching.database.begin(actor="test") as tx:
            proposal = await answers.consent(tx, proposal.id, party)
    return proposal


async def shortlist(matching: Matching, asked: VacancyPosted, trainer_id: UUID, by: Proposer = "school") -> Proposal:
    async with matching.database.begin(actor="test") as tx:
        return await candidates.shortlist(tx, asked.vacancy_id, trainer_id, by)


async def only(matching: Matching, asked: VacancyPosted) -> Proposal:
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    return proposal


async def proposed(matching: Matching, *people: ProfileState, **terms: Any) -> tuple[VacancyPosted, Proposal]:
    asked = vacancy(**terms)
    await matching.hear(*(people or [profile()]), asked)
    return asked, (await matching.proposals_for(asked.vacancy_id))[0]


@pytest.mark.parametrize("order", [["school", "trainer", "company"], ["company", "school", "trainer"]])
async def test_the_last_consent_settles_it_whoever_gives_it(matching: Matching, order: Sequence[str]) -> None:
    asked, proposal = await proposed(matching, profile(**EMPLOYED))
    accepted = await consent(matching, proposal, *map(Party, order))
    assert accepted.status is Status.ACCEPTED
    assert [each.left for each in await matching.told(ProposalConsented)] == [
        [party for party in Party if party in order[given:]] for given in (1, 2, 3)
    ]
    [told] = await matching.told(ProposalAccepted)
    assert (told.minutes_per_week, told.form, told.company_id) == (210, Form.GUEST, COMPANY)
    assert [each.taken for each in await matching.told(VacancyPlaceTaken)] == [1]
    assert (await matching.vacancy(asked.vacancy_id)).taken_by == (proposal.id,)
    assert set(await matching.deadlines_of(proposal.id)) == {LAPSE}
    assert {"CONSENT", "VOG_ATTAINABLE", "WORKING_TIME_FORM"} <= {reason.rule for reason in accepted.findings}


async def test_agreed_minutes_are_taken_from_the_trainers_week(matching: Matching) -> None:
    comes = profile()
    _, proposal = await proposed(matching, comes)
    await consent(matching, proposal)
    async with matching.database.begin(actor="test") as tx:
        known = await profiles.profile(tx, comes.trainer_id)
    assert known is not None
    assert known.minutes_taken == 210
    second = vacancy()
    await matching.hear(second)
    [waiting] = await matching.told(VacancyWaiting)
    assert waiting.vacancy_id == second.vacancy_id


async def test_a_repeated_consent_changes_nothing(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    await consent(matching, proposal)
    before = await matching.envelopes()
    again = await consent(matching, proposal, Party.SCHOOL)
    assert again.status is Status.ACCEPTED
    assert await matching.envelopes() == before


async def test_when_one_declines_the_next_is_asked(matching: Matching) -> None:
    first, second = profile(**EMPLOYED), profile(trades=["pie"])
    asked, proposal = await proposed(matching, first, second)
    await consent(matching, proposal, Party.SCHOOL, Party.TRAINER)
    async with matching.database.begin(actor="test") as tx:
        declined = await answers.decline(tx, proposal.id, Party.COMPANY, "employer")
    assert (declined.status, declined.declined_by) == (Status.DECLINED, Party.COMPANY)
    assert [each.reason for each in await matching.told(ProposalDeclined)] == ["employer"]
    _, following = await matching.proposals_for(asked.vacancy_id)
    assert following.trainer_id == second.trainer_id
    assert await matching.deadlines_of(proposal.id) == {}


async def test_a_trainer_is_not_asked_twice_for_the_same_vacancy(matching: Matching) -> None:
    asked, proposal = await proposed(matching)
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, proposal.id, Party.TRAINER, "distance")
    await matching.settle()
    await matching.pass_time(days=2)
    await matching.hear(profile(trainer_id=proposal.trainer_id, experience_years=9))
    await matching.settle()
    assert len(await matching.told(ProposalMade)) == 1
    assert len(await matching.told(VacancyWaiting)) == 1
    assert await only(matching, asked)


async def test_a_decline_that_is_sent_twice_is_one(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    for _ in range(2):
        async with matching.database.begin(actor="test") as tx:
            await answers.decline(tx, proposal.id, Party.TRAINER, "distance")
    assert len(await matching.told(ProposalDeclined)) == 1


async def test_silence_is_reminded_twice_and_then_ends_it(matching: Matching) -> None:
    first, second = profile(), profile(trades=["pie"])
    asked, proposal = await proposed(matching, first, second)
    await consent(matching, proposal, Party.SCHOOL)
    await matching.pass_time(days=6, hours=23)
    assert await matching.told(ProposalReminded) == []
    await matching.pass_time(hours=2)
    await matching.pass_time(days=5)
    assert [each.left for each in await matching.told(ProposalReminded)] == [[Party.TRAINER]] * 2
    assert await matching.told(ProposalExpired) == []
    await matching.pass_time(days=2)
    [expired] = await matching.told(ProposalExpired)
    assert (expired.proposal_id, expired.left) == (proposal.id, [Party.TRAINER])
    _, following = await matching.proposals_for(asked.vacancy_id)
    assert following.trainer_id == second.trainer_id
    assert following.answer_before - following.made_at == timedelta(days=14)


async def test_deadlines_that_come_too_late_change_nothing(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    await consent(matching, proposal)
    before = await matching.envelopes()
    async with matching.database.begin(actor="test") as tx:
        await answers.remind(tx, proposal.id)
        await answers.expire(tx, proposal.id)
    assert await matching.envelopes() == before


async def test_a_proposal_that_is_over_takes_no_consent(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    await matching.pass_time(days=15)
    with pytest.raises(NotPossible, match="expired"):
        await consent(matching, proposal, Party.SCHOOL)


async def test_no_consent_is_taken_for_what_does_not_exist(matching: Matching) -> None:
    async with matching.database.begin(actor="test") as tx:
        with pytest.raises(NotFound, match="no proposal"):
            await answers.consent(tx, uuid7(), Party.SCHOOL)


async def test_the_facts_of_the_last_consent_decide(matching: Matching) -> None:
    """Between the first and the last consent the trainer's hours at the company have grown beyond the law's limit."""
    first, second = profile(**EMPLOYED), profile(trades=["pie"])
    asked, proposal = await proposed(matching, first, second)
    await consent(matching, proposal, Party.SCHOOL, Party.TRAINER)
    busier = {**EMPLOYED, "company_minutes_per_week": 2800, "company_days": [1, 2, 3, 4, 5]}
    await matching.hear(profile(trainer_id=first.trainer_id, **busier))
    lapsed = await consent(matching, proposal, Party.COMPANY)
    assert (lapsed.status, lapsed.reason) == (Status.LAPSED, "no_longer_eligible")
    assert "block" in {reason.outcome for reason in lapsed.findings}
    assert [each.reason for each in await matching.told(ProposalLapsed)] == ["no_longer_eligible"]
    assert await matching.told(ProposalAccepted) == []
    _, following = await matching.proposals_for(asked.vacancy_id)
    assert following.trainer_id == second.trainer_id


async def test_a_trainer_erased_before_the_last_consent_is_no_longer_eligible(matching: Matching) -> None:
    comes = profile()
    _, proposal = await proposed(matching, comes)
    await consent(matching, proposal, Party.SCHOOL)
    async with matching.database.begin(actor="test") as tx:
        await profiles.erase(tx, comes.trainer_id)
    lapsed = await consent(matching, proposal, Party.TRAINER)
    assert (lapsed.status, lapsed.findings) == (Status.LAPSED, ())


async def test_a_school_may_add_somebody_of_its_own_choice(matching: Matching) -> None:
    best, other = profile(), profile(trades=["pie"])
    asked, _ = await proposed(matching, best, other)
    added = await shortlist(matching, asked, other.trainer_id)
    assert (added.by, added.grounds.rank) == ("school", 2)
    assert [each.by for each in await matching.told(ProposalMade)] == ["matching", "school"]


async def test_a_choice_of_one_s_own_takes_a_vacancy_off_the_waiting_list(matching: Matching) -> None:
    """Somebody who declined, and whom the school talked round."""
    asked, proposal = await proposed(matching)
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, proposal.id, Party.TRAINER, "other")
    await shortlist(matching, asked, proposal.trainer_id)
    assert (await matching.vacancy(asked.vacancy_id)).waiting_since is None


@pytest.mark.parametrize(("other", "rule"), [({"languages": ["en"]}, "LANGUAGE"), ({"consent_until": None}, "CONSENT")])
async def test_no_caller_may_add_a_trainer_who_does_not_fit(
    matching: Matching, other: dict[str, Any], rule: str
) -> None:
    unfit = profile(**other)
    asked, _ = await proposed(matching, profile(), unfit)
    with pytest.raises(candidates.DoesNotFit, match=rule):
        await shortlist(matching, asked, unfit.trainer_id, "desk")
    with pytest.raises(candidates.CannotBeProposed):
        await shortlist(matching, asked, unfit.trainer_id)
    with pytest.raises(candidates.CannotBeProposed):  # gone since the list was made; the error names nobody
        await shortlist(matching, asked, uuid7())


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ({"trades": ["roofing"]}, "SUBJECT"),
        ({"roles": [TeachingRole.TEACHER]}, "ROLE"),
        ({"school_types": [SchoolType.HBO]}, "SCHOOL_TYPE"),
        ({"forms": [Form.SELF_EMPLOYED]}, "COMMON_FORM"),
        ({"desired_minutes_per_week": 60}, "OWN_MINUTES"),
        ({"availability": [Slot(day=2, starts=time(8, 30), ends=time(10))]}, "ROSTER_OVERLAP"),
        ({"travel_km": 0, "latitude": 52.2}, "DISTANCE"),
    ],
)
async def test_a_desk_may_ask_a_trainer_against_their_wishes_and_the_broken_rule_is_stored(
    matching: Matching, other: dict[str, Any], rule: str
) -> None:
    unfit = profile(**other)
    asked, _ = await proposed(matching, profile(), unfit)
    added = await shortlist(matching, asked, unfit.trainer_id, "desk")
    broken = [reason.rule for reason in added.grounds.reasons if reason.outcome is Outcome.BLOCK]
    assert (added.by, broken) == ("desk", [rule])
    assert (await consent(matching, added)).status is Status.ACCEPTED, "the parties agree to what they wish"


async def test_the_law_is_not_set_aside_by_hand(matching: Matching) -> None:
    comes = profile()
    asked = vacancy(minutes_per_week=480, roster=[], **WHOLE_YEAR)
    await matching.hear(comes, asked)
    with pytest.raises(candidates.DoesNotFit, match="GUEST_CAP"):
        await shortlist(matching, asked, comes.trainer_id, "desk")


async def test_a_trainer_is_not_added_twice_nor_to_a_full_closed_or_unknown_vacancy(matching: Matching) -> None:
    one, other = profile(), profile(trades=["pie"])
    asked, proposal = await proposed(matching, one, other)
    with pytest.raises(candidates.AlreadyAsked):
        await shortlist(matching, asked, one.trainer_id)
    await consent(matching, proposal)
    with pytest.raises(NoPlaceLeft):
        await shortlist(matching, asked, other.trainer_id)
    await matching.hear(VacancyFilled(vacancy_id=asked.vacancy_id))
    with pytest.raises(NoSearch, match="closed"):
        await shortlist(matching, asked, other.trainer_id)
    nowhere = vacancy(latitude=None)
    await matching.hear(nowhere)
    with pytest.raises(candidates.Unplaced):
        await shortlist(matching, nowhere, other.trainer_id)


async def test_the_second_acceptance_of_the_last_place_is_answered_with_the_reason(matching: Matching) -> None:
    best, other = profile(), profile(trades=["pie"])
    asked, first = await proposed(matching, best, other)
    second = await shortlist(matching, asked, other.trainer_id)
    assert (await consent(matching, second)).status is Status.ACCEPTED
    lapsed = await consent(matching, first)
    assert (lapsed.status, lapsed.reason) == (Status.LAPSED, "last_place_gone")
    assert [each.reason for each in await matching.told(ProposalLapsed)] == ["last_place_gone"]


async def test_a_runner_up_is_asked_again_when_the_last_place_is_free_again(matching: Matching) -> None:
    """Both agreed to one place; the contract of who got it is refused. Seen red: the vacancy waited instead."""
    best, other = profile(), profile(trades=["pie"])
    asked, runner_up = await proposed(matching, best, other)
    winner = await consent(matching, await shortlist(matching, asked, other.trainer_id))
    assert (await consent(matching, runner_up)).reason == "last_place_gone"
    contract = drafted(winner)
    await matching.hear(contract_drafted(winner, contract), ContractRefused(**contract, findings=[], policy_version=1))
    assert await matching.told(VacancyWaiting) == []
    assert [each.trainer_id for each in await matching.told(ProposalMade)] == [
        best.trainer_id,
        other.trainer_id,
        best.trainer_id,
    ]
    [again] = [each for each in await matching.proposals_for(asked.vacancy_id) if each.open]
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, again.id, Party.TRAINER, "other_choice")
    assert len(await matching.told(ProposalMade)) == 3  # who had the place and who said no are asked no more
    assert len(await matching.told(VacancyWaiting)) == 1


async def test_a_runner_up_who_comes_back_is_asked_by_the_vacancy_that_waits(matching: Matching) -> None:
    """The trainer paused when the place came free; the comparison of one trainer alone knows whom to ask again too."""
    best, other = profile(), profile(trades=["pie"])
    asked, runner_up = await proposed(matching, best, other)
    winner = await consent(matching, await shortlist(matching, asked, other.trainer_id))
    await consent(matching, runner_up)
    await matching.hear(profile(trainer_id=best.trainer_id, status="paused"))
    contract = drafted(winner)
    await matching.hear(contract_drafted(winner, contract), ContractCancelled(**contract, reason="party_refused"))
    await matching.settle()
    assert len(await matching.told(VacancyWaiting)) == 1
    await matching.hear(best)
    await matching.settle()
    assert [each.trainer_id for each in await matching.told(ProposalMade)][2:] == [best.trainer_id]


@pytest.mark.parametrize("places", [1, 3])
async def test_last_consents_at_the_same_moment_never_overfill_the_places(matching: Matching, places: int) -> None:
    """I4. In several processes, all at once: as many are accepted as there are places, the others are told.

    Seen red with ``take_place`` deciding by the proposals' count, and with the vacancy neither locked nor versioned.
    """
    crowd = [profile() for _ in range(6)]
    asked = vacancy(places=places)
    await matching.hear(*crowd, asked)
    already = {each.trainer_id for each in await matching.proposals_for(asked.vacancy_id)}
    for comes in crowd:
        if comes.trainer_id not in already:
            await shortlist(matching, asked, comes.trainer_id)
    racing = await matching.proposals_for(asked.vacancy_id)
    assert len(racing) == 6
    for proposal in racing:
        await consent(matching, proposal, Party.SCHOOL)
    processes = [database_at(matching.service, matching.database.url) for _ in range(3)]
    start = asyncio.Event()

    async def last_consent(number: int, proposal: Proposal) -> Proposal:
        await start.wait()
        async with processes[number % 3].begin(actor="test") as tx:
            return await answers.consent(tx, proposal.id, Party.TRAINER)

    racers = [asyncio.create_task(last_consent(number, each)) for number, each in enumerate(racing)]
    start.set()
    settled = await asyncio.gather(*racers)
    for process in processes:
        await process.close()
    ended = sorted((each.status, each.reason or "") for each in settled)
    assert ended == sorted([("accepted", "")] * places + [("lapsed", "last_place_gone")] * (6 - places))
    after = await matching.vacancy(asked.vacancy_id)
    assert (after.taken, after.free) == (places, 0)
    assert len(await matching.told(ProposalAccepted)) == places
    assert len(await matching.told(ProposalLapsed)) == 6 - places


async def test_one_trainer_accepted_twice_at_the_same_moment_is_judged_with_both(matching: Matching) -> None:
    """Either fits into the trainer's week, both do not. Seen red without the lock on the trainer's profile."""
    busy = profile(**{**EMPLOYED, "company_minutes_per_week": 2500, "company_days": [1, 3, 4, 5]})
    one, other = vacancy(), vacancy(board_id=OTHER_BOARD)
    await matching.hear(busy, one, other)
    racing = [await only(matching, one), await shortlist(matching, other, busy.trainer_id)]
    for proposal in racing:
        await consent(matching, proposal, Party.SCHOOL)
    async with matching.database.begin(actor="test") as tx:
        assert (await answers.consent(tx, racing[0].id, Party.TRAINER)).status is Status.ACCEPTED
        second = asyncio.create_task(consent(matching, racing[1], Party.TRAINER))
        await matching.until_somebody_waits()
    lapsed = await second
    assert (lapsed.status, lapsed.reason) == (Status.LAPSED, "no_longer_eligible")


async def test_two_declines_at_the_same_moment_ask_the_next_once(matching: Matching) -> None:
    crowd = [profile() for _ in range(4)]
    asked = vacancy(places=2)
    await matching.hear(*crowd, asked)
    racing = await matching.proposals_for(asked.vacancy_id)
    elsewhere = database_at(matching.service, matching.database.url)

    async def decline(database: Any, proposal: Proposal) -> None:
        async with database.begin(actor="test") as tx:
            await answers.decline(tx, proposal.id, Party.TRAINER, "schedule")

    await asyncio.gather(decline(matching.database, racing[0]), decline(elsewhere, racing[1]))
    await elsewhere.close()
    made = [each.trainer_id for each in await matching.proposals_for(asked.vacancy_id)]
    assert len(made) == len(set(made)) == 4
    assert await matching.told(ProposalWithdrawn) == []
