"""The end of a proposal after all parties agreed, or because of the trainer: its place is free again, and refilled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from common.persistence.transaction import Tx
from events.matching import LapseReason
from matching.profile.store import profiles
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.proposal.usecases import reviewing, search
from matching.proposal.usecases.proposing import end, lock, release
from matching.vacancy.store import vacancies


async def release_and_refill(tx: Tx, proposal_id: UUID, reason: LapseReason) -> None:
    """Let an accepted proposal lapse: place and minutes are free again, and the next candidate is proposed."""
    proposal, vacancy = await lock(tx, proposal_id)
    await end(tx, proposal.lapse(reason, tx.now))
    vacancy = await vacancies.apply(tx, *vacancy.give_back(proposal_id))
    await search.fill(tx, vacancy)


async def withdraw_held(tx: Tx, proposal_id: UUID) -> None:
    """Withdraw a proposal that was held since its trainer or the last place is gone; the next candidate is proposed."""
    proposal, vacancy = await lock(tx, proposal_id)
    if proposal.held is not None:
        for_rules = proposal.held in {"no_longer_fits", "rules_changed"}
        found = await reviewing.find_broken(tx, replace(proposal, reason=None), vacancy) if for_rules else None
        await end(tx, proposal.withdraw(proposal.held, tx.now, found))
        await search.fill(tx, vacancy)


async def convert(tx: Tx, proposal_id: UUID, contract_id: UUID, **terms: Any) -> None:
    """Note the contract that was drafted from it, and its terms."""
    proposal, _ = await lock(tx, proposal_id)
    # A draft that came too late finds its proposal lapsed; contracts received that event, and cancels the draft.
    if proposal.status is not Status.LAPSED:
        await end(tx, proposal.convert(contract_id))
        await _correct(tx, proposal, **terms)


async def correct(tx: Tx, proposal_id: UUID, **terms: Any) -> None:
    """Take over what its contract says of the period and of the minutes a week."""
    await _correct(tx, (await lock(tx, proposal_id))[0], **terms)


async def _correct(tx: Tx, proposal: Proposal, **terms: Any) -> None:
    engagement = await profiles.engagement(tx, proposal.id)
    if engagement is not None and (corrected := replace(engagement, **terms)) != engagement:
        await profiles.engage(tx, proposal.trainer_id, corrected)
        await reviewing.plan_later(tx, proposal.trainer_id)


async def finish(tx: Tx, proposal_id: UUID) -> None:
    """Note that its contract is over as agreed: the minutes are free, the place is not."""
    proposal, _ = await lock(tx, proposal_id)
    await release(tx, proposal)
