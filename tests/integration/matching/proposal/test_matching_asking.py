"""More are asked than there are places: never more accepted than places, and the others are let down at once."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from common.persistence.deadlines import DeadlineLoop
from common.persistence.transaction import uuid7
from common.runtime.failures import Failure, failure_of
from events.contracts import ContractRefused
from events.matching import ProposalAccepted, ProposalMade, ProposalWithdrawn, VacancyWaiting
from events.registry import VacancyPosted
from events.words import Form, Party, Slot
from matching.proposal.model.asking import Outcome, Outcomes
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import NotPossible, Status
from matching.proposal.tables import asking_outcomes
from matching.proposal.usecases import answers, learning
from tests.integration.matching.matching_at_work import Matching, contract_drafted, drafted
from tests.support.asking import OTHER_BOARD, STARTS_ON, profile, vacancy
from tests.support.at_work import database_at

WEDNESDAY = Slot(day=3, starts=time(8, 30), ends=time(12))


async def consent(matching: Matching, proposal: Proposal, *parties: Party) -> Proposal:
    for party in parties or proposal.asked:
        async with matching.database.begin(actor="test") as tx:
            proposal = await answers.consent(tx, proposal.id, party)
    return proposal


async def decline(matching: Matching, proposal: Proposal) -> None:
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, proposal.id, Party.TRAINER, "distance")


async def three_asked(matching: Matching, *, crowd: int, **terms: Any) -> tuple[VacancyPosted, list[Proposal]]:
    """A vacancy for which three are asked at once for each place; of the crowd all fit equally well."""
    await matching.new_policy("matching.asking", mostPerPlace=3)
    asked = vacancy(**terms)
    await matching.hear(*(profile() for _ in range(crowd)), asked)
    return asked, await matching.proposals_for(asked.vacancy_id)


async def test_as_many_are_asked_for_one_place_as_their_chances_need(matching: Matching) -> None:
    """Four in ten consent: three together fill the place in 78 of 100 cases and let down 0.4 people."""
    _, made = await three_asked(matching, crowd=5)
    assert len(made) == 3
    assert await matching.told(VacancyWaiting) == []


async def test_fewer_are_asked_where_too_many_would_be_let_down(matching: Matching) -> None:
    await matching.new_policy("matching.asking", mostPerPlace=3, surplusPerPlace=4000)
    asked = vacancy()
    await matching.hear(*(profile() for _ in range(5)), asked)
    assert len(await matching.proposals_for(asked.vacancy_id)) == 2


async def test_a_vacancy_with_fewer_candidates_than_could_be_asked_does_not_wait(matching: Matching) -> None:
    _, made = await three_asked(matching, crowd=1)
    assert len(made) == 1
    assert await matching.told(VacancyWaiting) == []


async def test_a_decline_is_followed_by_the_next_while_the_others_are_still_asked(matching: Matching) -> None:
    asked, made = await three_asked(matching, crowd=5)
    await decline(matching, made[1])
    after = await matching.proposals_for(asked.vacancy_id)
    assert [each.status for each in after] == ["proposed", "declined", "proposed", "proposed"]


async def test_the_last_place_withdraws_what_others_are_still_asked(matching: Matching) -> None:
    asked, made = await three_asked(matching, crowd=5)
    await consent(matching, made[0], Party.TRAINER)
    await consent(matching, made[1])
    await matching.settle()
    after = {each.id: each for each in await matching.proposals_for(asked.vacancy_id)}
    assert after[made[1].id].status is Status.ACCEPTED
    for each in (after[made[0].id], after[made[2].id]):
        assert (each.status, each.reason, each.revealed) == (Status.WITHDRAWN, "vacancy_filled", False)
        assert await matching.deadlines_of(each.id) == {}
    assert len(after) == 3, "nobody else is asked"
    assert [each.reason for each in await matching.told(ProposalWithdrawn)] == ["vacancy_filled"] * 2
    with pytest.raises(NotPossible, match="withdrawn"):
        await consent(matching, made[0], Party.SCHOOL)


async def test_the_others_are_asked_on_while_a_place_is_free(matching: Matching) -> None:
    _, made = await three_asked(matching, crowd=6, places=2)
    await consent(matching, made[0])
    await matching.settle()
    assert await matching.told(ProposalWithdrawn) == []


async def test_those_let_down_are_asked_again_when_the_place_is_free_again(matching: Matching) -> None:
    asked, made = await three_asked(matching, crowd=3)
    winner = await consent(matching, made[0])
    await matching.settle()
    contract = drafted(winner)
    await matching.hear(contract_drafted(winner, contract), ContractRefused(**contract, findings=[], policy_version=1))
    await matching.settle()
    again = [each.trainer_id for each in await matching.proposals_for(asked.vacancy_id) if each.open]
    assert sorted(again) == sorted(each.trainer_id for each in made[1:])


async def test_a_place_that_is_free_again_before_the_others_were_withdrawn_asks_them_anew(matching: Matching) -> None:
    asked, made = await three_asked(matching, crowd=3)
    winner = await consent(matching, made[0])
    contract = drafted(winner)
    await matching.hear(contract_drafted(winner, contract), ContractRefused(**contract, findings=[], policy_version=1))
    await matching.settle()
    after = await matching.proposals_for(asked.vacancy_id)
    assert [each.status for each in after] == ["lapsed", "withdrawn", "withdrawn", "proposed", "proposed"]


@pytest.mark.parametrize("places", [1, 2])
async def test_consents_at_the_same_moment_reveal_no_more_than_places(matching: Matching, places: int) -> None:
    """In several processes, with the deadlines at work. Red where the vacancy is not locked before a place is taken."""
    asked, made = await three_asked(matching, crowd=6, places=places)
    assert len(made) == 3 * places
    for proposal in made:
        await consent(matching, proposal, Party.SCHOOL)
    processes = [database_at(matching.service, matching.database.url) for _ in range(3)]
    start = asyncio.Event()

    async def last_consent(number: int, proposal: Proposal) -> Proposal | NotPossible:
        await start.wait()
        while True:
            try:
                async with processes[number % 3].begin(actor="test") as tx:
                    return await answers.consent(tx, proposal.id, Party.TRAINER)
            except NotPossible as late:
                return late
            except DBAPIError as error:  # met its own withdrawal; a request is run again where it lost a race
                if failure_of(error) is not Failure.LOST_RACE:
                    raise

    racers = [asyncio.create_task(last_consent(number, each)) for number, each in enumerate(made)]
    deadlines = DeadlineLoop(matching.database, matching.service.deadlines)
    start.set()
    async with asyncio.timeout(60):
        while not all(racer.done() for racer in racers) or any(
            each.open for each in await matching.proposals_for(asked.vacancy_id)
        ):
            await deadlines.run_due()
            await asyncio.sleep(0.05)
    for process in processes:
        await process.close()
    after = await matching.proposals_for(asked.vacancy_id)
    assert sum(each.revealed for each in after) == places
    assert len(await matching.told(ProposalAccepted)) == places
    assert not any(each.open for each in after)
    assert {each.reason for each in after if not each.revealed} <= {"vacancy_filled", "last_place_gone"}


async def test_no_id_shows_how_many_were_asked_before(matching: Matching) -> None:
    """Nine who were asked one after the other: their ids follow that order once in 362,880 times."""
    asked = vacancy()
    await matching.hear(*(profile() for _ in range(9)), asked)
    for _ in range(8):
        await decline(matching, (await matching.proposals_for(asked.vacancy_id))[-1])
    made = [each.proposal_id for each in await matching.told(ProposalMade)]
    assert len(made) == 9
    assert made != sorted(made)
    assert uuid7().int >> 80 >= made[0].int >> 80, "an id shows its day"


async def outcomes(matching: Matching, region: str = "AM13") -> Outcomes:
    async with matching.database.begin(actor="test") as tx:
        return await learning.outcomes(tx, region)


async def test_ends_are_counted_by_region_form_and_band_where_the_parties_answered(matching: Matching) -> None:
    """Too late for the last place is a consent as well; a decline and silence are none; a withdrawal is neither."""
    _, made = await three_asked(matching, crowd=3)
    await decline(matching, made[0])
    await consent(matching, made[1])
    assert (await consent(matching, made[2])).reason == "last_place_gone"
    silent = vacancy(board_id=OTHER_BOARD, starts_on=STARTS_ON, region="AM14", roster=[WEDNESDAY])
    await matching.hear(profile(availability=[WEDNESDAY]), silent)
    await matching.pass_time(days=15)
    assert await outcomes(matching) == {(Form.GUEST, 10): Outcome(asked=3, consented=2)}
    assert await outcomes(matching, "AM14") == {(Form.GUEST, 10): Outcome(asked=1, consented=0)}
    await matching.hear(vacancy(region="AM15"), profile(status="paused"))
    assert await outcomes(matching, "AM15") == {}


async def test_a_repeated_decline_is_counted_once_and_no_conversion_is(matching: Matching) -> None:
    _, made = await three_asked(matching, crowd=2)
    await decline(matching, made[0])
    await decline(matching, made[0])
    winner = await consent(matching, made[1])
    await matching.hear(contract_drafted(winner, drafted(winner)))
    assert await outcomes(matching) == {(Form.GUEST, 10): Outcome(asked=2, consented=1)}


async def test_a_trainer_who_seldom_consents_is_asked_beside_more_others(matching: Matching) -> None:
    """Nine in ten consented nearby: one is enough. Of forty who all declined no chance is left, so four are asked."""
    await matching.new_policy("matching.asking", mostPerPlace=4)
    async with matching.database.begin(actor="test") as tx:
        rows = [
            {"ended_on": tx.today, "region": region, "form": "guest", "within_km": 10, "consented": consented}
            for region, consented in (("AM13", True), ("AM14", False))
            for _ in range(2000)
        ]
        await tx.execute(insert(asking_outcomes), rows)
    eager, shy = vacancy(), vacancy(board_id=OTHER_BOARD, region="AM14", roster=[WEDNESDAY])
    await matching.hear(*(profile() for _ in range(6)), eager)
    await matching.hear(*(profile(availability=[WEDNESDAY]) for _ in range(6)), shy)
    asked = [len(await matching.proposals_for(each.vacancy_id)) for each in (eager, shy)]
    assert asked == [1, 4]


async def test_outcomes_past_their_term_do_not_count_and_are_removed(matching: Matching) -> None:
    _, made = await three_asked(matching, crowd=1)
    await decline(matching, made[0])
    assert await outcomes(matching) != {}
    matching.database.clock.offset += timedelta(days=731)
    assert await outcomes(matching) == {}
    async with matching.database.begin(actor="test") as tx:
        assert await learning.PURGE(tx) == 1
    assert await matching.count("asking_outcomes") == 0
    await matching.new_policy("retention.asking_outcomes", forEver=True)
    async with matching.database.begin(actor="test") as tx:
        assert await learning.PURGE(tx) == 0
