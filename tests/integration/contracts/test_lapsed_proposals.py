"""A proposal that lapsed leaves no contract behind that nobody can use, in whatever order it is heard."""

from __future__ import annotations

import asyncio
import itertools
from typing import get_args

import pytest

from contracts.contract import usecases
from contracts.contract.model.contract import UNSIGNED, Contract, Status
from contracts.contract.model.decision import Ruling
from events.contracts import ContractCancelled, ContractDrafted, ContractSigned
from events.matching import LapseReason, ProposalAccepted, ProposalLapsed
from events.words import Fee, FeeKind, Form, Party
from tests.integration.contracts.contracts_at_work import Contracts, accepted, company, contacts, profile
from tests.support.asking import vacancy

HOURLY = Fee(kind=FeeKind.HOURLY, cents=6000)
BY_CONTRACT = [reason for reason in get_args(LapseReason) if reason.startswith("contract_")]


async def everybody_agrees(office: Contracts) -> ProposalAccepted:
    """What is known when a proposal is accepted; that it was is not heard yet."""
    asked, offered = vacancy(), profile()
    await office.hear(asked, offered, company(), *contacts(offered.trainer_id))
    return accepted(asked, offered)


def lapsed(proposal: ProposalAccepted | Contract, reason: LapseReason = "no_draft_in_time") -> ProposalLapsed:
    return ProposalLapsed(
        proposal_id=proposal.proposal_id,
        vacancy_id=proposal.vacancy_id,
        trainer_id=proposal.trainer_id,
        reason=reason,
    )


async def sign(office: Contracts, contract: Contract, party: Party) -> None:
    assert contract.signing is not None
    async with office.database.begin(actor="test") as tx:
        await usecases.sign(tx, contract.id, party, contract.signing.hash)


async def reasons(office: Contracts) -> list[str]:
    return [event.reason for event in await office.told(ContractCancelled)]


async def test_a_draft_that_came_too_late_is_cancelled_and_waits_for_nobody(office: Contracts) -> None:
    contract = await office.drafted()
    assert "contract.sign-expires" in await office.deadlines_of(contract.id)
    await office.hear(lapsed(contract), lapsed(contract))
    cancelled = await office.contract(contract.id)
    assert (cancelled.status, cancelled.reason) == (Status.CANCELLED, "proposal_lapsed")
    assert await reasons(office) == ["proposal_lapsed"]
    assert await office.deadlines_of(contract.id) == {}
    [why] = await office.rows("SELECT count(*) AS audited FROM audit WHERE reason = 'proposal_lapsed'")
    assert why.audited == 1


async def test_one_that_waits_for_a_reviewer_or_was_returned_is_cancelled_too(office: Contracts) -> None:
    held = await office.drafted(vacancy(forms=[Form.SELF_EMPLOYED], fee=HOURLY), profile(company_id=None))
    returned = await office.drafted(vacancy(supervisor_id=None))
    rulings = [contract.decision.ruling for contract in (held, returned) if contract.decision]
    assert rulings == [Ruling.HELD, Ruling.RETURNED]
    await office.hear(lapsed(held), lapsed(returned))
    assert await reasons(office) == ["proposal_lapsed"] * 2


async def test_no_contract_is_drafted_from_a_proposal_known_to_have_lapsed(office: Contracts) -> None:
    proposal = await everybody_agrees(office)
    await office.hear(lapsed(proposal))
    await office.hear(proposal)
    assert await office.count("contracts") == 0
    assert await office.names() == []


async def test_in_every_order_and_however_often_nothing_usable_is_left(office: Contracts) -> None:
    for order in sorted(set(itertools.permutations("aall"))):
        before = len(await office.names())
        proposal = await everybody_agrees(office)
        heard = {"a": proposal, "l": lapsed(proposal)}
        for letter in order:
            await office.hear(heard[letter])
        told = (await office.names())[before:]
        late = ["ContractDrafted", "ContractSubmitted", "ContractOffered", "ContractCancelled"]
        assert told == (late if order[0] == "a" else []), order
    assert await office.rows("SELECT id FROM contracts WHERE status <> 'cancelled'") == []


@pytest.mark.parametrize("reason", BY_CONTRACT)
async def test_a_lapse_that_contracts_itself_caused_changes_no_contract(office: Contracts, reason: LapseReason) -> None:
    contract = await office.drafted()
    told = await office.names()
    await office.hear(lapsed(contract, reason))
    assert (await office.contract(contract.id)).status is contract.status
    assert await office.names() == told
    assert await office.count("lapsed_proposals") == 0


@pytest.mark.parametrize("stage", ["signed", "active"])
async def test_a_fully_signed_contract_binds_whatever_became_of_the_proposal(office: Contracts, stage: str) -> None:
    contract = await office.drafted()
    contract = await (office.signed if stage == "signed" else office.at_work)(contract)
    planned = await office.deadlines_of(contract.id)
    await office.hear(lapsed(contract))
    assert (await office.contract(contract.id)).status == stage
    assert await office.deadlines_of(contract.id) == planned
    assert await reasons(office) == []


async def test_a_draft_and_the_end_of_its_proposal_at_the_same_time_leave_nothing_open(office: Contracts) -> None:
    """Seen red without ``lock_person`` in ``drafting.lapse``."""
    for _ in range(8):
        proposal = await everybody_agrees(office)
        await asyncio.gather(office.receive(proposal), office.receive(lapsed(proposal)))
    assert await office.parked() == []
    assert await office.rows("SELECT id FROM contracts WHERE status <> 'cancelled'") == []
    assert len(await office.told(ContractDrafted)) == len(await reasons(office))


async def test_the_last_signature_and_the_end_of_the_proposal_at_the_same_time_have_one_winner(
    office: Contracts,
) -> None:
    for _ in range(5):
        contract = await office.drafted()
        assert contract.signing is not None
        first, last = contract.signing.mandatory
        await sign(office, contract, first)
        results = await asyncio.gather(
            sign(office, contract, last), office.receive(lapsed(contract)), return_exceptions=True
        )
        settled = await office.contract(contract.id)
        assert settled.status not in UNSIGNED
        assert (settled.status is Status.SIGNED) == (results[0] is None), results
    assert await office.parked() == []
    assert len(await office.told(ContractSigned)) + len(await reasons(office)) == 5
