"""What matching keeps of people: their profiles as registry states them, until they leave or are erased."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from common.envelope import Envelope
from common.persistence.transaction import Tx
from events.matching import WithdrawReason
from events.registry import ProfileState
from matching.model.proposal import Proposal
from matching.store import editions, proposals, rankings, trainers
from matching.usecases import ending, search


async def keep(tx: Tx, states: Sequence[ProfileState], causes: Mapping[UUID, Envelope] | None = None) -> None:
    """Keep profiles; who may be proposed is compared with waiting vacancies, who pauses is asked nothing more.

    ``causes`` are the envelopes of the states, by trainer: a proposal is taken back on the day of the pause.
    """
    changed = await trainers.put(tx, states)
    for state in changed:
        if state.status == "available":
            # After the commit: see ``search.fill``.
            await tx.set_deadline(search.COMPARES, state.trainer_id, tx.now, case=state.trainer_id)
    paused = [state.trainer_id for state in changed if state.status != "available"]
    await withdraw(tx, paused, "trainer_paused", causes)


async def remove(tx: Tx, trainer_id: UUID) -> None:
    """Forget a profile that registry took back."""
    await trainers.remove(tx, trainer_id)
    await withdraw(tx, [trainer_id], "trainer_left")


async def withdraw(
    tx: Tx, trainer_ids: Collection[UUID], reason: WithdrawReason, causes: Mapping[UUID, Envelope] | None = None
) -> None:
    """Take back what these trainers are asked at this moment; their vacancies ask the next.

    Of several vacancies of one board one is told at once, each other at a moment of its own; for the trainer, and for
    whoever wants to agree, all are over at once.
    """
    told = set[tuple[UUID, UUID]]()
    for each in await proposals.open_of(tx, trainer_ids) if trainer_ids else ():
        if causes is not None:
            tx.cause = causes[each.trainer_id]
        if (each.trainer_id, each.board_id) in told:
            await _hold(tx, each, reason)
            continue
        told.add((each.trainer_id, each.board_id))
        proposal, vacancy = await ending.locked(tx, each.id)
        if proposal.open:
            await ending.ended(tx, proposal.withdraw(reason, tx.now))
            await search.fill(tx, vacancy)


async def _hold(tx: Tx, proposal: Proposal, reason: WithdrawReason) -> None:
    """Withdraw a proposal later, and ask nobody about it until then."""
    if proposal.held is None:
        await proposals.hold(tx, proposal, reason)
        await tx.cancel_deadline(search.REMINDS, proposal.id)
        await tx.set_deadline(search.WITHDRAWS, proposal.id, tx.now + await search.some_time(tx), case=proposal.case)


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Take what is personal out of every copy: ids, codes and minutes stay, so that no figure changes."""
    # The profile first: its vacancies ask the next at once, and may ask whoever is still in the pool again.
    rows = await trainers.erase(tx, trainer_id)
    await withdraw(tx, [trainer_id], "trainer_left")
    await tx.cancel_deadline(search.COMPARES, trainer_id)
    await editions.forget(tx, trainer_id)
    return rows + await proposals.forget(tx, trainer_id) + await rankings.forget(tx, trainer_id)
