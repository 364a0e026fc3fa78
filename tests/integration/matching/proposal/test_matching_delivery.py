"""Letters that ask a trainer bounce, come late or never: the proposal waits as policy says, and the desk is asked."""

from __future__ import annotations

from typing import Any

import pytest

from common.persistence.transaction import uuid7
from events.matching import ProposalExpired, ProposalProlonged, ProposalUnreached
from events.notifications import MessageBounced, MessageEvent, MessageSent
from matching.proposal.model.proposal import Proposal
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import profile, vacancy


@pytest.fixture
def matching(matching: Matching) -> Matching:
    matching.letters_arrive = False
    return matching


def letter(kind: type[MessageEvent], proposal: Proposal, **other: Any) -> MessageEvent:
    facts = {
        "message_id": uuid7(),
        "recipient_id": proposal.trainer_id,
        "template": "proposal-asked",
        "because_of": uuid7(),
    }
    return kind(**{**facts, **other})


async def proposed(matching: Matching) -> Proposal:
    asked = vacancy()
    await matching.hear(profile(), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    return proposal


async def hear(matching: Matching, event: MessageEvent, proposal: Proposal) -> None:
    await matching.hear_letter(event, proposal.case)


async def test_a_bounced_letter_is_the_desks_step_and_the_proposal_waits_for_the_longest_by_policy(
    matching: Matching,
) -> None:
    proposal = await proposed(matching)
    await hear(matching, letter(MessageBounced, proposal, smtp_code=550), proposal)
    await hear(matching, letter(MessageBounced, proposal, smtp_code=550), proposal)
    [unreached] = await matching.told(ProposalUnreached)
    assert unreached.proposal_id == proposal.id
    [parties] = [each["ce_parties"] for each in await matching.envelopes() if "unreached" in each["ce_type"]]
    assert parties == f"trainer={proposal.trainer_id} region=AM13"
    for _ in range(4):
        await matching.pass_time(days=7)
    assert {each.reason for each in await matching.told(ProposalProlonged)} == {"undelivered"}
    assert [each.proposal_id for each in await matching.told(ProposalExpired)] == [proposal.id]


async def test_a_late_delivery_gives_the_days_of_an_answer(matching: Matching) -> None:
    proposal = await proposed(matching)
    await matching.pass_time(days=7)
    assert len(await matching.told(ProposalUnreached)) == 1  # at the first reminder
    await matching.pass_time(days=6)
    await hear(matching, letter(MessageSent, proposal, language="nl"), proposal)
    [prolonged] = await matching.told(ProposalProlonged)
    assert 17 <= (prolonged.answer_before - proposal.made_at).days <= 18
    await matching.pass_time(days=4)
    assert await matching.told(ProposalExpired) == []
    await matching.pass_time(days=2)
    assert len(await matching.told(ProposalExpired)) == 1


async def test_a_letter_that_arrives_in_time_changes_nothing(matching: Matching) -> None:
    proposal = await proposed(matching)
    for template, recipient in (("proposal-asked", uuid7()), ("proposal-expired", proposal.trainer_id)):
        other = letter(MessageSent, proposal, language="nl", template=template, recipient_id=recipient)
        await hear(matching, other, proposal)
    await hear(matching, letter(MessageSent, proposal, language="nl"), proposal)
    await matching.pass_time(days=15)
    assert await matching.told(ProposalUnreached, ProposalProlonged) == []
    assert len(await matching.told(ProposalExpired)) == 1
