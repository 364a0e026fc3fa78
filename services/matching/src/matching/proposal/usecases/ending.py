"""The end of a proposal after all parties agreed, or because of the trainer: its place is free again, and refilled."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.transaction import Tx
from events.matching import LapseReason
from matching.edition.usecases import random_delay
from matching.profile.store import profiles
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.proposal.store import proposals
from matching.proposal.usecases import search
from matching.proposal.usecases.proposing import end, lock
from matching.vacancy.store import vacancies

MATCH_NEW_TRAINER: Final = "trainer.compares"


async def release_and_refill(tx: Tx, proposal_id: UUID, reason: LapseReason) -> None:
    """Let an accepted proposal lapse: place and minutes are free again, and the next candidate is proposed."""
    proposal, vacancy = await lock(tx, proposal_id)
    await end(tx, proposal.lapse(reason, tx.now))
    await release(tx, proposal)
    vacancy = await vacancies.apply(tx, *vacancy.give_back(proposal_id))
    await search.fill(tx, vacancy)


async def withdraw_held(tx: Tx, proposal_id: UUID) -> None:
    """Withdraw a proposal that was held since its trainer is gone; the next candidate is proposed."""
    proposal, vacancy = await lock(tx, proposal_id)
    if proposal.held is not None:
        await end(tx, proposal.withdraw(proposal.held, tx.now))
        await search.fill(tx, vacancy)


async def release(tx: Tx, proposal: Proposal) -> None:
    """Give the trainer the agreed minutes back: a vacancy may wait for them."""
    if await profiles.release_minutes(tx, proposal.id, proposal.trainer_id):
        # Not at once: the school that had the trainer would see a vacancy that waited find a candidate at that moment.
        at = tx.now + await random_delay(tx)
        await tx.set_deadline(MATCH_NEW_TRAINER, proposal.trainer_id, at, case=proposal.trainer_id)


async def convert(tx: Tx, proposal_id: UUID, contract_id: UUID) -> None:
    """Note the contract that was drafted from it."""
    proposal = await proposals.get(tx, proposal_id, lock=True)
    # A draft that came too late finds its proposal lapsed; contracts received that event, and cancels the draft.
    if proposal.status is not Status.LAPSED:
        await end(tx, proposal.convert(contract_id))


async def finish(tx: Tx, proposal_id: UUID) -> None:
    """Note that its contract is over as agreed: the minutes are free, the place is not."""
    proposal, _ = await lock(tx, proposal_id)
    await release(tx, proposal)
