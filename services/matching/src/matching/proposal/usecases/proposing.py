"""Make a proposal, and end one: its deadlines follow. Nothing here looks for the next candidate."""

# Several rows are locked in this order, so that two transactions never wait for each other: the trainer's profile, the
# vacancy, the proposal. A search breaks it, since whom it proposes is known only once its vacancy is locked; so does a
# batch. Where two of those wait for each other, PostgreSQL stops one of them, and that one is run again.

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from common.persistence.store import Change
from common.persistence.transaction import Tx
from events.matching import Proposer, WithdrawReason
from matching.edition.usecases import random_delay
from matching.fairness import usecases as fairness
from matching.fairness.model import Stage
from matching.profile.model.quiet import after_quiet
from matching.profile.store import profiles
from matching.proposal.model.grounds import Candidate
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import SETTLED
from matching.proposal.store import proposals
from matching.proposal.usecases import learning
from matching.ranking.model.capacity import Capacity
from matching.ranking.model.criteria import Criteria
from matching.ranking.store import blind
from matching.vacancy import usecases as waiting_list
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.terms import Terms
from matching.vacancy.model.vacancy import Status, Vacancy
from matching.vacancy.store import vacancies

REMIND: Final = "proposal.reminds"
EXPIRE: Final = "proposal.expires"
LAPSE: Final = "proposal.lapses"
WITHDRAW: Final = "proposal.withdraws"
MATCH_NEW_TRAINER: Final = "trainer.compares"
REVIEW: Final = "trainer.reviews"
"""What a trainer is asked is judged anew: the profile or other work has changed."""
REVIEW_RULES: Final = "trainer.reviews-rules"
"""The same, because rules have changed."""
REVIEW_VACANCY: Final = "vacancy.reviews"
"""Whom a vacancy asks is judged anew."""


async def propose(
    tx: Tx, vacancy: Vacancy, candidate: Candidate, *, by: Proposer = "matching"
) -> tuple[Vacancy, Proposal]:
    """Ask every party about a candidate; the vacancy leaves the waiting list when no place is without one.

    From now on it counts wherever else the trainer is ranked; the profile must be locked.
    """
    terms = Terms.of(await tx.policies(), tx.today)
    profile = await profiles.profile(tx, candidate.trainer_id)
    answer_before = after_quiet(tx.now + terms.answer, () if profile is None else profile.quiet_weeks)
    made = Proposal.make(blind.new_id(tx), vacancy, candidate, by=by, at=tx.now, answer_before=answer_before)
    proposal = await proposals.add(tx, *made, policy_version=candidate.grounds.policy_version)
    await engage(tx, proposal, vacancy, beside_open=by == "matching")
    await note(tx, Stage.ASKED, proposal, vacancy)
    await tx.set_deadline(EXPIRE, proposal.id, proposal.answer_before, case=proposal.case)
    if terms.reminders:
        await tx.set_deadline(REMIND, proposal.id, proposal.made_at + terms.reminders[0], case=proposal.case)
    if vacancy.status is Status.WAITING and vacancy.free <= await proposals.count_open(tx, vacancy.id):
        vacancy = await waiting_list.promote(tx, vacancy, proposal.id)
    return vacancy, proposal


async def note(tx: Tx, stage: Stage, proposal: Proposal, vacancy: Vacancy) -> None:
    """Count how far a trainer came whom matching asked; not one whom a school or desk chose."""
    if proposal.by == "matching":
        await fairness.note(tx, stage, vacancy, proposal.grounds.classes)


async def engage(tx: Tx, proposal: Proposal, vacancy: Vacancy, *, beside_open: bool) -> None:
    """Let a proposal count for its trainer, open or agreed, under its own terms.

    Its lessons keep clear of what is open where asked so.
    """
    profile, opening = await profiles.profile(tx, proposal.trainer_id), opening_of(vacancy.facts)
    if profile is not None and opening is not None:
        profile, opening = proposal.offer.known(profile), proposal.offer.opening(opening)
        criteria = Criteria.of(await tx.policies(), tx.today, max(opening.starts_on, tx.today))
        capacity = Capacity(opening, replace(criteria, open_counts=beside_open))
        agreed = proposal.status in SETTLED
        taken = capacity.engagement(profile, proposal.id, proposal.form, agreed=agreed)
        await profiles.engage(tx, proposal.trainer_id, taken)


async def release(tx: Tx, proposal: Proposal) -> None:
    """Give the trainer back what a proposal took: a vacancy may wait for it."""
    if await profiles.release(tx, proposal.trainer_id, proposal.id):
        # Not at once: the school that asked, or had, the trainer would see a vacancy that waited find a candidate at
        # that moment.
        at = tx.now + await random_delay(tx)
        await tx.set_deadline(MATCH_NEW_TRAINER, proposal.trainer_id, at, case=proposal.trainer_id)


async def end(tx: Tx, change: Change[Proposal], **envelope: Any) -> Proposal:
    """Write a transition after which no party is asked any more, and cancel the deadlines; unless agreed, release."""
    proposal = await proposals.apply(tx, *change, **envelope)
    if change[1]:
        await learning.note(tx, proposal)
    for planned in (REMIND, EXPIRE, LAPSE, WITHDRAW):
        await tx.cancel_deadline(planned, proposal.id)
    if proposal.status not in SETTLED:
        await release(tx, proposal)
    return proposal


async def withdraw_open(tx: Tx, vacancy_id: UUID, reason: WithdrawReason) -> None:
    """Withdraw every open proposal for a vacancy."""
    for proposal in await proposals.open_for(tx, vacancy_id):
        await end(tx, proposal.withdraw(reason, tx.now))


async def let_down(tx: Tx, vacancy: Vacancy) -> None:
    """End what is still open of a vacancy whose last place was taken: others were asked for it as well.

    From this commit on none of it can be accepted. Each is withdrawn right after it, in a transaction that locks its
    own trainer's profile first: here, with the vacancy locked, two last consents would wait for each other.
    """
    for proposal in await proposals.open_for(tx, vacancy.id):
        if proposal.held is None:
            await hold(tx, proposal, "vacancy_filled")
            await tx.set_deadline(WITHDRAW, proposal.id, tx.now, case=proposal.case)


async def hold(tx: Tx, proposal: Proposal, reason: WithdrawReason) -> None:
    """Note that a proposal is as good as withdrawn, and remind nobody of it any more."""
    await proposals.hold(tx, proposal, reason)
    await tx.cancel_deadline(REMIND, proposal.id)


async def lock(tx: Tx, proposal_id: UUID) -> tuple[Proposal, Vacancy]:
    """Lock a proposal, its trainer's profile and its vacancy, in the order above; return proposal and vacancy.

    Raises:
        NotFound: there is no such proposal.
    """
    trainer_id, vacancy_id = await proposals.ids(tx, proposal_id)
    await profiles.lock(tx, [trainer_id])
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    return await proposals.get(tx, proposal_id, lock=True), vacancy
