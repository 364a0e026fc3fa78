"""How a proposal ends: what was planned for it is dropped, and what it held is free again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from common.persistence.store import Change
from common.persistence.transaction import Tx
from events.matching import LapseReason
from matching.model.proposal import Proposal
from matching.model.vacancy import Vacancy
from matching.store import proposals, trainers, vacancies
from matching.usecases import search


async def ended(tx: Tx, change: Change[Proposal], **told: Any) -> Proposal:
    """Write a transition after which nobody is asked any more."""
    proposal = await proposals.apply(tx, *change, **told)
    for planned in (search.REMINDS, search.EXPIRES, search.LAPSES, search.WITHDRAWS):
        await tx.cancel_deadline(planned, proposal.id)
    return proposal


async def locked(tx: Tx, proposal_id: UUID) -> tuple[Proposal, Vacancy]:
    """Lock a proposal and what it stands between, in the order that the store names.

    Raises:
        NotFound: there is no such proposal.
    """
    trainer_id, vacancy_id = await proposals.ids(tx, proposal_id)
    await trainers.lock(tx, trainer_id)
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    return await proposals.get(tx, proposal_id, lock=True), vacancy


async def fall_away(tx: Tx, proposal_id: UUID, reason: LapseReason) -> None:
    """Let an accepted proposal lapse: place and minutes are free again, and the next candidate is asked."""
    proposal, vacancy = await locked(tx, proposal_id)
    await ended(tx, proposal.lapse(reason, tx.now))
    await release(tx, proposal)
    vacancy = await vacancies.apply(tx, *vacancy.give_back(proposal_id))
    await search.fill(tx, vacancy)


async def withdraw_held(tx: Tx, proposal_id: UUID) -> None:
    """Take back what was held, since its trainer is gone; the next candidate is asked."""
    proposal, vacancy = await locked(tx, proposal_id)
    if proposal.held is not None:
        await ended(tx, proposal.withdraw(proposal.held, tx.now))
        await search.fill(tx, vacancy)


async def release(tx: Tx, proposal: Proposal) -> None:
    """Give the trainer the agreed minutes back: there may be a vacancy waiting for them."""
    if await trainers.release_minutes(tx, proposal.id, proposal.trainer_id):
        # Not at once: the school that had the trainer would see a vacancy that waited find somebody at that moment.
        at = tx.now + await search.some_time(tx)
        await tx.set_deadline(search.COMPARES, proposal.trainer_id, at, case=proposal.trainer_id)
