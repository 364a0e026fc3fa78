"""People pause, leave and are erased: nothing more is asked of them, and nothing is left that says who they were."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from common.errors import NotFound
from common.persistence.transaction import uuid7
from events.contracts import ContractDissolved
from events.erasure import ErasureConfirmed
from events.matching import ProposalMade, ProposalWithdrawn
from events.registry import ProfileState, TrainerAnonymised, TrainerLeft
from events.words import Party
from matching.profile.store import profiles
from matching.profile.tables import profile_versions
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.proposal.usecases import answers, retention, trainers
from matching.ranking import tables
from matching.ranking.model.packed import unpack, unpack_bits
from matching.ranking.store import rankings
from tests.integration.matching.matching_at_work import GRONINGEN, Matching, contract_drafted, drafted
from tests.support.asking import COMPANY, profile, vacancy
from tests.support.sample import eventually
from tests.support.written import written


async def consent(matching: Matching, proposal: Proposal) -> None:
    for party in proposal.asked:
        async with matching.database.begin(actor="test") as tx:
            await answers.consent(tx, proposal.id, party)


async def only(matching: Matching, vacancy_id: UUID) -> Proposal:
    [proposal] = await matching.proposals_for(vacancy_id)
    return proposal


async def test_a_trainer_who_pauses_is_asked_no_more_and_the_next_one_is(matching: Matching) -> None:
    first, second, asked = profile(), profile(trades=["pie"]), vacancy()
    await matching.hear(first, second, asked)
    await matching.hear(profile(trainer_id=first.trainer_id, status="paused"))
    assert [each.reason for each in await matching.told(ProposalWithdrawn)] == ["trainer_paused"]
    assert [each.trainer_id for each in await matching.told(ProposalMade)] == [first.trainer_id, second.trainer_id]


async def test_a_trainer_who_was_asked_and_paused_is_asked_again_after_the_pause(matching: Matching) -> None:
    """A pause is no answer to the vacancy. Seen red: the vacancy waited on, though the trainer fits it."""
    comes, asked = profile(), vacancy()
    await matching.hear(comes, asked)
    await matching.hear(profile(trainer_id=comes.trainer_id, status="paused"))
    await matching.settle()
    assert len(await matching.told(ProposalMade)) == 1
    await matching.hear(comes)
    await matching.settle()
    assert [each.trainer_id for each in await matching.told(ProposalMade)] == [comes.trainer_id] * 2


async def test_an_erased_trainer_whose_profile_is_still_there_is_not_asked_again(matching: Matching) -> None:
    """The erasure may arrive before the profile's tombstone, which is on another topic."""
    comes, asked = profile(), vacancy()
    await matching.hear(comes, asked)
    await matching.hear(TrainerAnonymised(trainer_id=comes.trainer_id))
    await matching.settle()
    assert [each.reason for each in await matching.told(ProposalWithdrawn)] == ["trainer_left"]
    assert len(await matching.told(ProposalMade)) == 1


async def test_the_agreements_of_a_paused_trainer_go_on(matching: Matching) -> None:
    comes, asked = profile(), vacancy()
    await matching.hear(comes, asked)
    proposal = await only(matching, asked.vacancy_id)
    await consent(matching, proposal)
    await matching.hear(profile(trainer_id=comes.trainer_id, status="paused"))
    assert (await only(matching, asked.vacancy_id)).status is Status.ACCEPTED


async def test_a_trainer_who_pauses_before_being_compared_is_not_proposed(matching: Matching) -> None:
    comes = profile()
    await matching.hear(vacancy())
    await matching.hear(comes)
    await matching.hear(profile(trainer_id=comes.trainer_id, status="paused"))
    await matching.settle()
    await matching.hear(profile())
    await matching.settle()
    assert comes.trainer_id not in {each.trainer_id for each in await matching.told(ProposalMade)}


async def test_the_proposals_of_a_trainer_who_leaves_are_withdrawn_and_the_profile_erased(matching: Matching) -> None:
    comes, asked = profile(), vacancy()
    await matching.hear(comes, asked)
    await matching.hear(TrainerLeft(trainer_id=comes.trainer_id, reason="own_wish"))
    await matching.hear_end_of(ProfileState, comes.trainer_id)
    assert [each.reason for each in await matching.told(ProposalWithdrawn)] == ["trainer_left"]
    async with matching.database.begin(actor="test") as tx:
        assert await profiles.profile(tx, comes.trainer_id) is None
        assert await profiles.count(tx) == 0


async def test_a_proposal_answered_at_this_very_moment_is_not_withdrawn(matching: Matching) -> None:
    comes, asked = profile(), vacancy()
    await matching.hear(comes, asked)
    proposal = await only(matching, asked.vacancy_id)

    async def withdraw() -> None:
        async with matching.database.begin(actor="test") as tx:
            await trainers.withdraw(tx, [comes.trainer_id], "trainer_left")

    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, proposal.id, Party.TRAINER, "other")
        withdrawing = asyncio.create_task(withdraw())
        await matching.until_somebody_waits()
    await withdrawing
    assert (await only(matching, asked.vacancy_id)).status is Status.DECLINED


async def test_a_trainer_who_comes_back_is_known_again(matching: Matching) -> None:
    comes = profile()
    await matching.hear(comes)
    await matching.hear_end_of(ProfileState, comes.trainer_id)
    await matching.hear(comes, vacancy())
    assert len(await matching.told(ProposalMade)) == 1


async def test_a_trainer_whose_day_begins_at_the_company_is_matched_with_a_vacancy_beside_it(
    matching: Matching,
) -> None:
    """Seen red: only vacancies around the home were looked at."""
    asked = vacancy(latitude=GRONINGEN[0], longitude=GRONINGEN[1], region="AM01")
    at_work = {"company_id": COMPANY, "employer_agreed": True, "company_minutes_per_week": 120}
    at_work |= {"company_latitude": GRONINGEN[0], "company_longitude": GRONINGEN[1], "company_region": "AM01"}
    on_tuesday, on_friday = profile(company_days=[2], **at_work), profile(company_days=[5], **at_work)
    await matching.hear(asked)
    await matching.settle()
    await matching.hear(on_friday, on_tuesday)
    await matching.settle()
    assert [each.trainer_id for each in await matching.told(ProposalMade)] == [on_tuesday.trainer_id]


async def test_the_same_profile_again_says_nothing_new(matching: Matching) -> None:
    comes = profile()
    await matching.hear(comes)
    await matching.settle()
    await matching.hear(comes)
    assert await matching.deadlines_of(comes.trainer_id) == {}
    assert await matching.count("profile_versions") == 1


async def test_an_erased_person_is_gone_from_every_table(matching: Matching) -> None:
    """What is left are ids, codes and minutes: the figures do not change, and nobody can be told by them.

    Seen red without ``profiles.erase``, and without ``proposals.erase``."""
    comes, asked = profile(postcode_area="9731", trades=["electrical", "very-rare-trade"]), vacancy(places=2)
    await matching.hear(comes, asked)
    proposal = await only(matching, asked.vacancy_id)
    await consent(matching, proposal)
    await matching.hear(profile(trainer_id=comes.trainer_id, trades=["electrical", "very-rare-trade"], travel_km=33))
    before = await only(matching, asked.vacancy_id)
    await matching.hear_end_of(ProfileState, comes.trainer_id)
    await matching.hear(TrainerAnonymised(trainer_id=comes.trainer_id))
    [confirmed] = await matching.told(ErasureConfirmed)
    assert (confirmed.trainer_id, confirmed.service) == (comes.trainer_id, "matching")
    assert confirmed.rows >= 3
    after = await only(matching, asked.vacancy_id)
    assert (after.status, after.minutes_per_week, after.version) == (
        before.status,
        before.minutes_per_week,
        before.version,
    )
    assert (after.grounds, after.findings) == (before.grounds.emptied(), ())
    for table, rows in (await written(matching.database.url)).items():
        assert "9731" not in rows, table
        assert "very-rare-trade" not in rows, table


@pytest.mark.parametrize(("weeks", "forgotten"), [(4, False), (2, True)])
async def test_why_somebody_was_proposed_is_forgotten_some_weeks_after_nothing_came_of_it(
    matching: Matching, weeks: int, *, forgotten: bool
) -> None:
    """Policy ``retention.declined_proposal`` says how many weeks, once no appeal is possible; that it ended stays."""
    comes, other, asked = profile(), profile(), vacancy()
    await matching.hear(comes, other, asked)
    first = await only(matching, asked.vacancy_id)
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, first.id, Party.TRAINER, "other")
    await matching.new_policy("retention.declined_proposal", weeks=weeks)
    await matching.new_policy("matching.appeal", lodgeWithinDays=14)
    matching.database.clock.offset += timedelta(weeks=3)
    async with matching.database.begin(actor="test") as tx:
        assert await retention.purge_grounds(tx) == int(forgotten)
        assert await retention.purge_grounds(tx) == 0
        listed = select(tables.shortlisted.c.assessment).where(
            tables.shortlisted.c.ranking_id == first.grounds.ranking_id,
            tables.shortlisted.c.trainer_id == first.trainer_id,
        )
        assert ((await tx.execute(listed)).scalar_one() is None) is forgotten
    declined, still_asked = await matching.proposals_for(asked.vacancy_id)
    assert declined.status is Status.DECLINED
    assert (declined.grounds == first.grounds.emptied()) is forgotten
    assert still_asked.grounds.reasons != ()


async def test_why_a_proposal_was_made_that_became_a_contract_is_kept_with_it(matching: Matching) -> None:
    comes, asked = profile(), vacancy()
    await matching.hear(comes, asked)
    proposal = await only(matching, asked.vacancy_id)
    await consent(matching, proposal)
    contract = drafted(proposal)
    await matching.hear(contract_drafted(proposal, contract))
    await matching.hear(ContractDissolved(**contract, reason="trainer_left"))
    matching.database.clock.offset += timedelta(weeks=30)
    async with matching.database.begin(actor="test") as tx:
        assert await retention.purge_grounds(tx) == 0


async def test_the_worker_forgets_by_itself(matching: Matching, monkeypatch: pytest.MonkeyPatch) -> None:
    comes, other, asked = profile(), profile(), vacancy()
    await matching.hear(comes, other, asked)
    first = await only(matching, asked.vacancy_id)
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, first.id, Party.TRAINER, "other")
    matching.database.clock.offset += timedelta(weeks=5)
    monkeypatch.setattr(retention, "BATCH", 1)
    *_, purge = matching.service.loops
    context: Any = SimpleNamespace(database=matching.database)
    loop = asyncio.ensure_future(purge(context))

    async def scrubbed() -> bool:
        return (await matching.proposals_for(asked.vacancy_id))[0].findings == () and not (
            await matching.proposals_for(asked.vacancy_id)
        )[0].grounds.factors

    await eventually(scrubbed)
    loop.cancel()


async def test_an_erased_person_does_not_come_back_with_a_late_profile(matching: Matching) -> None:
    """Seen red without ``~profiles.c.erased`` in the upsert."""
    comes = profile()
    await matching.hear(comes)
    await matching.hear(TrainerAnonymised(trainer_id=comes.trainer_id))
    await matching.hear(profile(trainer_id=comes.trainer_id, experience_years=9))
    async with matching.database.begin(actor="test") as tx:
        assert await profiles.profile(tx, comes.trainer_id) is None
    assert await matching.count("profile_versions") == 0


async def test_the_erasure_of_somebody_unknown_is_confirmed_too(matching: Matching) -> None:
    stranger = profile()
    await matching.hear(TrainerAnonymised(trainer_id=stranger.trainer_id))
    assert [each.rows for each in await matching.told(ErasureConfirmed)] == [0]
    await matching.hear(stranger)
    async with matching.database.begin(actor="test") as tx:
        assert await profiles.count(tx) == 0


async def test_no_ranking_holds_a_fact_about_who_was_erased(matching: Matching) -> None:
    """Everybody ranked stands in it: as a number that leads nowhere now; only the shortlist is in words."""
    shown = date(2026, 10, 5)
    comes = profile(vog_issued_on=shown, vog_shown_on=shown, experience_years=40)
    stays, fails, asked = profile(), profile(languages=["en"], experience_years=40), vacancy()
    await matching.hear(comes, stays, fails, asked)
    proposal = await only(matching, asked.vacancy_id)

    async def kept() -> tuple[Any, dict[UUID, Any], set[int]]:
        async with matching.database.begin(actor="test") as tx:
            first = select(tables.rankings).where(tables.rankings.c.id == proposal.grounds.ranking_id)
            ranking = (await tx.execute(first)).mappings().one()
            listed = select(tables.shortlisted).where(tables.shortlisted.c.ranking_id == ranking["id"])
            words = (await tx.execute(listed)).all()
            versions = (await tx.execute(select(profile_versions.c.version))).scalars()
            return dict(ranking), {row.trainer_id: row.assessment for row in words}, set(versions)

    before, words, known = await kept()
    assert str(shown) in json.dumps(words[comes.trainer_id])
    assert set(unpack(before["seen"])) <= known
    for gone in (comes, fails):
        await matching.hear_end_of(ProfileState, gone.trainer_id)
        await matching.hear(TrainerAnonymised(trainer_id=gone.trainer_id))
    after, words, known = await kept()
    assert after == before
    assert (after["candidates"], after["fitting"], len(unpack(after["seen"]))) == (3, 2, 3)
    assert words[comes.trainer_id] is None
    assert words[stays.trainer_id] is not None
    assert len(set(unpack(after["seen"])) & known) == 1
    assert sorted(bool(rules) for rules in unpack_bits(after["failed"])) == [False, False, True]
    # Of the ranking itself nothing else could hold a person: no text, no measure, and a fingerprint of 32 bytes.
    telling = {name: value for name, value in after.items() if isinstance(value, bytes | str | dict)}
    assert set(telling) == {"ruleset", "opening", "sha256", "seen", "failed"}
    assert len(telling["sha256"]) == 32
    assert not {str(each.trainer_id) for each in (comes, stays, fails)} & set(json.dumps(telling["opening"]).split('"'))


async def test_no_two_profiles_share_a_number(matching: Matching) -> None:
    first, second = profile(), profile()
    await matching.hear(first, second)
    await matching.hear(*(each.model_copy(update={"travel_km": 9}) for each in (first, second)))
    async with matching.database.begin(actor="test") as tx:
        numbers = (await tx.execute(select(profile_versions.c.version))).scalars().all()
    assert len(set(numbers)) == len(numbers) == 4


async def test_a_kept_ranking_repeats_to_the_last_byte_whatever_has_changed_since(matching: Matching) -> None:
    crowd = [profile(experience_years=years, trades=[trade]) for years in range(4) for trade in ("electrical", "pie")]
    crowd.append(profile(languages=["en"]))
    asked = vacancy()
    await matching.hear(*crowd, asked)
    proposal = await only(matching, asked.vacancy_id)
    await consent(matching, proposal)
    await matching.hear(*(each.model_copy(update={"travel_km": 1, "trades": ["ict"]}) for each in crowd))
    await matching.pass_time(days=3)
    async with matching.database.begin(actor="test") as tx:
        then = await rankings.fingerprint_of(tx, proposal.grounds.ranking_id)
        assert await rankings.fingerprint_again(tx, proposal.grounds.ranking_id) == then
        snapshot = await rankings.snapshot_of(tx, proposal.grounds.ranking_id)
    assert len(snapshot.profiles) == len(crowd)


async def test_a_ranking_that_was_never_made_cannot_be_repeated(matching: Matching) -> None:
    async with matching.database.begin(actor="test") as tx:
        for look in (rankings.fingerprint_of, rankings.snapshot_of):
            with pytest.raises(NotFound, match="no ranking"):
                await look(tx, uuid7())


async def test_a_ranking_with_somebody_erased_cannot_be_repeated(matching: Matching) -> None:
    first, other, asked = profile(), profile(), vacancy()
    await matching.hear(first, other, asked)
    proposal = await only(matching, asked.vacancy_id)
    await matching.hear(TrainerAnonymised(trainer_id=other.trainer_id))
    async with matching.database.begin(actor="test") as tx:
        with pytest.raises(rankings.NotRepeatable, match="profiles in it have been erased"):
            await rankings.fingerprint_again(tx, proposal.grounds.ranking_id)


async def test_a_proposal_is_taken_back_on_the_day_that_its_trainer_left_and_the_next_is_asked_today(
    matching: Matching,
) -> None:
    """Seen red: redriven three days later it was taken back three days later. Who is asked then has the whole term."""
    comes, asked, follows = profile(), vacancy(), profile()
    await matching.hear(comes, asked)
    proposal = await only(matching, asked.vacancy_id)
    await matching.hear(follows)
    left_at = matching.database.clock.now()
    await matching.hear_days_later(TrainerLeft(trainer_id=comes.trainer_id, reason="own_wish"), days=3)
    first, second = await matching.proposals_for(asked.vacancy_id)
    assert (first.id, second.trainer_id) == (proposal.id, follows.trainer_id)
    assert second.made_at - left_at > timedelta(days=2)
    assert second.answer_before - second.made_at == first.answer_before - first.made_at
    told = {(headers["ce_type"], headers["ce_subject"]): headers["ce_time"] for headers in await matching.envelopes()}
    withdrawn = datetime.fromisoformat(told[ProposalWithdrawn.type, f"proposal/{first.id}"])
    made = datetime.fromisoformat(told[ProposalMade.type, f"proposal/{second.id}"])
    assert withdrawn - left_at < timedelta(hours=1)
    assert made - left_at > timedelta(days=2)
