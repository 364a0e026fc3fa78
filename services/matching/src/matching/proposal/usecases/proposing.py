"""Make a proposal, and end one: its deadlines follow. Nothing here looks for the next candidate."""

# Several rows are locked in this order, so that two transactions never wait for each other: the trainer's profile, the
# vacancy, the proposal. Where a batch breaks it, PostgreSQL stops one of the two, and that one is run again.

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from common.persistence.store import Change
from common.persistence.transaction import Tx
from events.matching import Proposer, WithdrawReason
from matching.profile.store import profiles
from matching.proposal.model.grounds import Candidate
from matching.proposal.model.proposal import Proposal
from matching.proposal.store import proposals
from matching.ranking.store import blind
from matching.vacancy import usecases as waiting_list
from matching.vacancy.model.terms import Terms
from matching.vacancy.model.vacancy import Status, Vacancy
from matching.vacancy.store import vacancies

REMIND: Final = "proposal.reminds"
EXPIRE: Final = "proposal.expires"
LAPSE: Final = "proposal.lapses"
WITHDRAW: Final = "proposal.withdraws"


async def propose(
    tx: Tx, vacancy: Vacancy, candidate: Candidate, *, by: Proposer = "matching"
) -> tuple[Vacancy, Proposal]:
    """Ask every party about a candidate; the vacancy leaves the waiting list when no place is without one."""
    terms = Terms.of(await tx.policies(), tx.today)
    new = blind.new_id(tx, after=await proposals.count_all(tx, vacancy.id))
    made = Proposal.make(new, vacancy, candidate, by=by, at=tx.now, answer_before=tx.now + terms.answer)
    proposal = await proposals.add(tx, *made, policy_version=candidate.grounds.policy_version)
    await tx.set_deadline(EXPIRE, proposal.id, proposal.answer_before, case=proposal.case)
    if terms.reminders:
        await tx.set_deadline(REMIND, proposal.id, proposal.made_at + terms.reminders[0], case=proposal.case)
    if vacancy.status is Status.WAITING and vacancy.free <= await proposals.count_open(tx, vacancy.id):
        vacancy = await waiting_list.promote(tx, vacancy, proposal.id)
    return vacancy, proposal


async def end(tx: Tx, change: Change[Proposal], **envelope: Any) -> Proposal:
    """Write a transition after which no party is asked any more, and cancel the deadlines."""
    proposal = await proposals.apply(tx, *change, **envelope)
    for planned in (REMIND, EXPIRE, LAPSE, WITHDRAW):
        await tx.cancel_deadline(planned, proposal.id)
    return proposal


async def withdraw_open(tx: Tx, vacancy_id: UUID, reason: WithdrawReason) -> None:
    """Withdraw every open proposal for a vacancy."""
    for proposal in await proposals.open_for(tx, vacancy_id):
        await end(tx, proposal.withdraw(reason, tx.now))


async def lock(tx: Tx, proposal_id: UUID) -> tuple[Proposal, Vacancy]:
    """Lock a proposal, its trainer's profile and its vacancy, in the order above; return proposal and vacancy.

    Raises:
        NotFound: there is no such proposal.
    """
    trainer_id, vacancy_id = await proposals.ids(tx, proposal_id)
    await profiles.lock(tx, trainer_id)
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    return await proposals.get(tx, proposal_id, lock=True), vacancy
