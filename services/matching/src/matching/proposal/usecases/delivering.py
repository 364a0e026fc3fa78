"""Use cases of letters that ask a trainer: delivered, or not."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from common.persistence.transaction import Tx
from events.parties import REGION
from matching.proposal.model.delivery import Delivery
from matching.proposal.model.proposal import Proposal
from matching.proposal.store import proposals
from matching.proposal.usecases.proposing import EXPIRE, lock
from matching.vacancy.model.terms import Terms


async def reached(tx: Tx, vacancy_id: UUID, trainer_id: UUID) -> None:
    """Note the first delivery; where the desk was asked to help, the trainer has the days of an answer from now on."""
    proposal = await _locked(tx, vacancy_id, trainer_id)
    if proposal is None or proposal.reached_at is not None:
        return
    proposal = await proposals.reach(tx, proposal, tx.now)
    until = await open_until(tx, proposal)
    if proposal.unreached and not proposal.held and until > proposal.answer_before:
        await proposals.apply(tx, *proposal.prolong("undelivered", until))
        await tx.set_deadline(EXPIRE, proposal.id, until, case=proposal.case)


async def bounced(tx: Tx, vacancy_id: UUID, trainer_id: UUID) -> None:
    """Ask the desk to reach a trainer whose letter was refused for good."""
    proposal = await _locked(tx, vacancy_id, trainer_id)
    if proposal is not None:
        await miss(tx, proposal)


async def miss(tx: Tx, proposal: Proposal) -> Proposal:
    """Ask the desk to reach a trainer whom no letter has reached; other parties do not read it."""
    parties = proposal.parties.only("trainer", REGION)
    return await proposals.apply(tx, *proposal.miss(), parties=parties)


async def open_until(tx: Tx, proposal: Proposal) -> datetime:
    """Return until when a proposal waits for a trainer whom letters did not reach in time; now where it does not."""
    policies = await tx.policies()
    return Delivery.of(policies, tx.today).open_until(proposal, Terms.of(policies, tx.today).answer, tx.now)


async def _locked(tx: Tx, vacancy_id: UUID, trainer_id: UUID) -> Proposal | None:
    """Lock the open proposal of the pair; None where there is none."""
    found = await proposals.open_pair(tx, vacancy_id, trainer_id)
    if found is None:
        return None
    proposal, _ = await lock(tx, found)
    return proposal if proposal.open else None
