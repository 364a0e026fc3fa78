"""Capacity is a person's: what is open and agreed anywhere counts when a trainer is ranked, asked and accepted."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select

from common.persistence.migrations import runner
from common.persistence.transaction import uuid7
from events.contracts import ContractExtended, ContractSigned
from events.matching import ProposalAccepted, ProposalLapsed, ProposalMade, VacancyWaiting
from events.registry import ProfileState, VacancyChanged, VacancyPosted
from events.words import Party
from matching.app import service
from matching.candidate import usecases as candidates
from matching.profile.model.engagement import Engagement
from matching.profile.model.profile import Profile
from matching.profile.store import profiles
from matching.profile.tables import commitments
from matching.profile.tables import profiles as profile_rows
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.proposal.usecases import answers, search, trainers
from matching.ranking.store import rankings
from matching.vacancy.model.vacancy import Status as VacancyStatus
from tests.integration.matching.matching_at_work import Matching, contract_drafted, drafted
from tests.support.asking import OTHER_BOARD, SCHOOL, TUESDAY, WHOLE_YEAR, profile, vacancy
from tests.support.at_work import database_at
from tests.support.postgres import FreshDatabase

FRIDAY: Final = TUESDAY.model_copy(update={"day": 5})
ROOMY: Final[dict[str, Any]] = {"availability": [TUESDAY, FRIDAY], "desired_minutes_per_week": 720}
"""Two mornings, and more hours wanted than those have."""


async def consent(matching: Matching, proposal: Proposal, *parties: Party) -> Proposal:
    for party in parties or proposal.asked:
        async with matching.database.begin(actor="test") as tx:
            proposal = await answers.consent(tx, proposal.id, party)
    return proposal


async def chosen(matching: Matching, asked: VacancyPosted, comes: ProfileState) -> Proposal:
    async with matching.database.begin(actor="test") as tx:
        return await candidates.shortlist(tx, asked.vacancy_id, comes.trainer_id, "school")


async def only(matching: Matching, asked: VacancyPosted) -> Proposal:
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    return proposal


async def known(matching: Matching, trainer_id: UUID) -> Profile:
    async with matching.database.begin(actor="test") as tx:
        found = await profiles.profile(tx, trainer_id)
    assert found is not None
    return found


async def engagement(matching: Matching, trainer_id: UUID) -> Engagement:
    [one] = (await known(matching, trainer_id)).engagements
    return one


@pytest.mark.parametrize("boards", [1, 5])
async def test_five_vacancies_at_the_same_hours_ask_a_trainer_once(matching: Matching, boards: int) -> None:
    """X2. Seen red: with five boards all five asked the same trainer, and nobody else."""
    asked = [vacancy(board_id=UUID(int=7001 + number % boards)) for number in range(5)]
    await matching.hear(profile(**ROOMY), profile(**ROOMY, experience_years=3))
    for each in asked:
        await matching.hear(each)
    await matching.settle()
    made = [each.trainer_id for each in await matching.told(ProposalMade)]
    assert len(made) == len(set(made)) == 2
    assert len(await matching.told(VacancyWaiting)) == 3


async def test_a_trainer_is_asked_for_what_fits_beside_what_is_agreed(matching: Matching) -> None:
    comes = profile(**ROOMY)
    tuesday, same, friday = vacancy(), vacancy(board_id=OTHER_BOARD), vacancy(board_id=OTHER_BOARD, roster=[FRIDAY])
    await matching.hear(comes, tuesday)
    await consent(matching, await only(matching, tuesday))
    await matching.hear(same, friday)
    assert [each.vacancy_id for each in await matching.told(ProposalMade)] == [tuesday.vacancy_id, friday.vacancy_id]


async def test_the_guest_cap_of_a_board_is_judged_before_a_name_is_shown(matching: Matching) -> None:
    """X2. Seen red: both were accepted and revealed, and contracts refused the second by the guest cap."""
    comes = profile(**ROOMY)
    first, second = vacancy(**WHOLE_YEAR), vacancy(roster=[FRIDAY], **WHOLE_YEAR)
    await matching.hear(comes, first, second)
    racing = [await only(matching, first), await chosen(matching, second, comes)]
    for proposal in racing:
        await consent(matching, proposal, Party.SCHOOL)
    accepted, lapsed = [await consent(matching, proposal, Party.TRAINER) for proposal in racing]
    assert (accepted.status, lapsed.status, lapsed.reason) == (Status.ACCEPTED, Status.LAPSED, "no_longer_eligible")
    assert {reason.rule for reason in lapsed.findings if reason.outcome == "block"} == {"GUEST_CAP"}
    assert [each.proposal_id for each in await matching.told(ProposalAccepted)] == [accepted.id]
    answer = await matching.client.get(f"/proposals/{lapsed.id}", headers=matching.headers(org=SCHOOL))
    assert str(comes.trainer_id) not in answer.text
    with pytest.raises(candidates.CannotBeProposed):  # what the law blocks stays blocked
        await chosen(matching, second, comes)


async def test_an_open_question_elsewhere_stops_no_acceptance(matching: Matching) -> None:
    comes = profile(**ROOMY)
    first, second = vacancy(), vacancy(board_id=OTHER_BOARD)
    await matching.hear(comes, first, second)
    proposal = await chosen(matching, second, comes)
    assert (await consent(matching, proposal)).status is Status.ACCEPTED
    late = await consent(matching, await only(matching, first))
    assert (late.status, late.reason) == (Status.LAPSED, "no_longer_eligible")
    assert "ROSTER_OVERLAP" in {reason.rule for reason in late.findings if reason.outcome == "block"}


async def test_of_two_last_consents_at_one_moment_exactly_one_is_accepted(matching: Matching) -> None:
    """Two processes, two boards, the same hours. Seen red without the check of what is agreed."""
    comes, elsewhere = profile(**ROOMY), database_at(matching.service, matching.database.url)
    first, second = vacancy(), vacancy(board_id=OTHER_BOARD)
    await matching.hear(comes, first, second)
    racing = [await only(matching, first), await chosen(matching, second, comes)]
    for proposal in racing:
        await consent(matching, proposal, Party.SCHOOL)

    async def agree(database: Any, proposal: Proposal) -> Proposal:
        async with database.begin(actor="test") as tx:
            return await answers.consent(tx, proposal.id, Party.TRAINER)

    both = await asyncio.gather(agree(matching.database, racing[0]), agree(elsewhere, racing[1]))
    await elsewhere.close()
    assert sorted(each.status for each in both) == [Status.ACCEPTED, Status.LAPSED]
    assert [each.reason for each in await matching.told(ProposalLapsed)] == ["no_longer_eligible"]


async def test_two_searches_at_one_moment_do_not_both_ask_a_trainer(matching: Matching) -> None:
    """The second waits for the first, and ranks anew. Seen red without the lock on whom a search has found."""
    comes = profile(**ROOMY)
    first, second = vacancy(), vacancy(board_id=OTHER_BOARD)
    await matching.hear(comes)
    async with matching.database.begin(actor="test") as tx:
        await search.begin(tx, first)
        other = asyncio.create_task(matching.hear(second))
        await matching.until_somebody_waits()
    await other
    assert [each.vacancy_id for each in await matching.told(ProposalMade)] == [first.vacancy_id]
    assert (await matching.vacancy(second.vacancy_id)).status is VacancyStatus.WAITING


async def test_a_question_that_ends_frees_the_hours_within_a_day_and_not_at_once(matching: Matching) -> None:
    """Seen red: only what was agreed came free again."""
    comes, first, waits = profile(**ROOMY), vacancy(), vacancy(board_id=OTHER_BOARD)
    await matching.hear(comes, first, waits)
    await matching.settle()
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, (await only(matching, first)).id, Party.SCHOOL, "other_choice")
    await matching.settle()
    assert (await known(matching, comes.trainer_id)).engagements == ()
    assert await matching.proposals_for(waits.vacancy_id) == []
    await matching.pass_time(days=1)
    assert (await only(matching, waits)).trainer_id == comes.trainer_id


async def test_a_newcomer_is_asked_for_what_fits_together_the_longest_wait_first(matching: Matching) -> None:
    waiting = [vacancy(board_id=uuid7()), vacancy(board_id=uuid7()), vacancy(board_id=uuid7(), roster=[FRIDAY])]
    for each in waiting:
        await matching.hear(each)
        await matching.pass_time(minutes=1)
    await matching.hear(profile(**ROOMY))
    await matching.settle()
    asked = {each.vacancy_id for each in await matching.told(ProposalMade)}
    assert asked == {waiting[0].vacancy_id, waiting[2].vacancy_id}


async def test_a_trainer_with_a_place_is_not_asked_for_another_place_of_that_vacancy(matching: Matching) -> None:
    """On other terms a new round begins, and by agreement there are hours enough."""
    comes, asked = profile(**ROOMY), vacancy(places=2, roster=[], minutes_per_week=100)
    await matching.hear(comes, asked)
    await consent(matching, await only(matching, asked))
    await matching.hear(VacancyChanged(**{**dict(asked), "minutes_per_week": 110}))
    await matching.settle()
    assert len(await matching.told(ProposalMade)) == 1
    with pytest.raises(candidates.AlreadyAsked):
        await chosen(matching, asked, comes)


async def test_the_contract_says_how_long_and_how_much(matching: Matching) -> None:
    comes, asked = profile(**ROOMY), vacancy()
    await matching.hear(comes, asked)
    proposal = await only(matching, asked)
    open_one = await engagement(matching, comes.trainer_id)
    assert (open_one.agreed, open_one.slots.minutes, open_one.last_day) == (False, 210, date(2027, 7, 9))
    await consent(matching, proposal)
    assert (await engagement(matching, comes.trainer_id)).agreed
    contract = drafted(proposal)
    draft = contract_drafted(proposal, contract).model_copy(update={"minutes_per_week": 180})
    await matching.hear(draft)
    assert (await engagement(matching, comes.trainer_id)).minutes_per_week == 180
    signed = ContractSigned(**contract, document_hash="x", starts_on=date(2027, 2, 8), minutes_per_week=180)
    extended = ContractExtended(**contract, document_version=2, document_hash="y", ends_on=date(2027, 9, 30))
    await matching.hear(signed, extended)
    agreed = await engagement(matching, comes.trainer_id)
    assert (agreed.first_day, agreed.last_day) == (date(2027, 2, 8), date(2027, 9, 30))
    versions = await matching.count("profile_versions")
    await matching.hear(extended)
    assert await matching.count("profile_versions") == versions, "what is as it was makes no version"


async def test_rankings_that_saw_engagements_repeat_to_the_last_byte(matching: Matching) -> None:
    """Also the one of a school's own choice, in which what is only asked did not count."""
    comes, first, second = profile(**ROOMY), vacancy(), vacancy(board_id=OTHER_BOARD)
    await matching.hear(comes, profile(**ROOMY, trades=["pie"]), first)
    await matching.hear(second)
    made = [await only(matching, first), await only(matching, second), await chosen(matching, second, comes)]
    assert made[1].trainer_id != comes.trainer_id == made[2].trainer_id
    await consent(matching, made[2])
    async with matching.database.begin(actor="test") as tx:
        for proposal in made:
            ranking = proposal.grounds.ranking_id
            assert await rankings.fingerprint_again(tx, ranking) == await rankings.fingerprint_of(tx, ranking)


async def listed(matching: Matching, asked: VacancyPosted) -> int:
    answer = await matching.client.get(f"/vacancies/{asked.vacancy_id}/ranking", headers=matching.headers(org=SCHOOL))
    return len(answer.json()["items"])


async def test_no_list_shows_that_candidates_are_asked_elsewhere(matching: Matching) -> None:
    """Three change at once, which renews an area. Seen red: all three left the list the day after they were asked."""
    crowd = [profile() for _ in range(4)]
    mine = vacancy(roster=[TUESDAY], places=9)
    await matching.hear(mine)
    await matching.settle()
    await matching.hear(*crowd[:1])
    asked = [vacancy(board_id=uuid7(), school_id=uuid7()) for _ in range(3)]
    await matching.hear(*asked, *crowd[1:])
    assert await listed(matching, mine) == 4
    await matching.settle()
    elsewhere = [await only(matching, each) for each in asked]
    await matching.pass_time(days=1)
    assert await listed(matching, mine) == 4
    for proposal in elsewhere:
        await consent(matching, proposal)
    await matching.pass_time(days=1)
    assert await listed(matching, mine) == 1, "what is agreed counts for everybody"


async def test_of_an_erased_trainer_only_the_agreed_minutes_stay(matching: Matching) -> None:
    comes, asked = profile(**ROOMY), vacancy()
    await matching.hear(comes, asked)
    await consent(matching, await only(matching, asked))
    async with matching.database.begin(actor="test") as tx:
        await trainers.scrub(tx, comes.trainer_id)
        [left] = (await tx.execute(select(commitments))).all()
    assert (left.minutes_per_week, left.engagement) == (210, None)
    async with matching.database.begin(actor="test") as tx:
        rows = (await tx.execute(select(profile_rows))).all()
    assert [(row.state, row.engagements) for row in rows] == [(None, None)]


async def test_an_agreement_of_an_earlier_version_counts_in_minutes(fresh_database: FreshDatabase) -> None:
    url, trainer_id = await fresh_database(), uuid7()
    await runner.upgrade(service, url, to="0013")
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url)
    state = profile(trainer_id=trainer_id).model_dump_json()
    await connection.execute(
        "INSERT INTO profiles (trainer_id, version, state, minutes_taken, changed_in) VALUES ($1, 1, $2, 90, 1)",
        trainer_id,
        state,
    )
    await connection.execute("INSERT INTO commitments VALUES ($1, $2, 90)", uuid7(), trainer_id)
    await runner.upgrade(service, url)
    await connection.close()
    database = database_at(service, url)
    later = Engagement(proposal_id=uuid7(), agreed=True, minutes_per_week=60)
    async with database.begin(actor="test") as tx:
        before = await profiles.profile(tx, trainer_id)
        await profiles.engage(tx, trainer_id, later)
        after = await profiles.profile(tx, trainer_id)
    await database.close()
    assert before is not None
    assert after is not None
    assert ([each.minutes_per_week for each in before.engagements], before.minutes_taken) == ([90], 90)
    assert sorted(each.minutes_per_week for each in after.engagements) == [60, 90]
