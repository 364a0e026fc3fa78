"""Use cases of open proposals whose facts changed: what no longer fits is withdrawn, and the search goes on."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from common.persistence.transaction import Tx
from events.matching import WithdrawReason
from matching.edition.usecases import random_delay
from matching.profile.store import profiles
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.still_fits import Broken, broken
from matching.proposal.store import proposals
from matching.proposal.usecases import search
from matching.proposal.usecases.proposing import REVIEW, WITHDRAW, end, hold, lock
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.vacancy import Vacancy


async def plan(tx: Tx, trainer_ids: Collection[UUID]) -> None:
    """Judge anew what trainers are asked whose profiles have changed, once this is committed."""
    asked = await proposals.asked_now(tx, trainer_ids) if trainer_ids else ()
    await tx.set_deadlines(REVIEW, dict.fromkeys(asked, tx.now))


async def plan_later(tx: Tx, trainer_id: UUID) -> None:
    """Judge anew what a trainer is asked beside work that was agreed, at a moment that cannot be foreseen.

    At once, who knows the trainer by that agreement would see at which other vacancies a candidate goes.
    """
    for each in await proposals.asked_now(tx, [trainer_id]):
        await tx.set_deadline(REVIEW, each, tx.now + await random_delay(tx), case=each)


async def review_trainer(tx: Tx, trainer_id: UUID, reason: WithdrawReason) -> None:
    """Withdraw what no longer fits of all that a trainer is asked.

    Of several vacancies of one board the proposal for one is withdrawn at once, each other at a moment of its own.
    """
    at_once = set[UUID]()
    for each in await proposals.open_of(tx, [trainer_id]):
        proposal, vacancy = await lock(tx, each.id)
        found = await find_broken(tx, proposal, vacancy)
        if found is None:
            continue
        if proposal.board_id in at_once:
            await hold(tx, proposal, reason)
            await tx.set_deadline(WITHDRAW, proposal.id, tx.now + await random_delay(tx), case=proposal.case)
            continue
        at_once.add(proposal.board_id)
        await _withdraw(tx, proposal, vacancy, reason, found)


async def review_vacancy(tx: Tx, vacancy_id: UUID) -> None:
    """Withdraw what no longer fits of all that a vacancy asks."""
    for each in await proposals.open_for(tx, vacancy_id):
        proposal, vacancy = await lock(tx, each.id)
        if found := await find_broken(tx, proposal, vacancy):
            await _withdraw(tx, proposal, vacancy, "vacancy_changed", found)


async def find_broken(tx: Tx, proposal: Proposal, vacancy: Vacancy) -> Broken | None:
    """Return why an open proposal no longer fits; None where it does, or where it is as good as withdrawn."""
    profile, opening = await profiles.profile(tx, proposal.trainer_id), opening_of(vacancy.facts)
    if not proposal.open or proposal.held or profile is None or opening is None:
        return None
    return broken(proposal, opening, profile, await tx.policies(), tx.today)


async def _withdraw(tx: Tx, proposal: Proposal, vacancy: Vacancy, reason: WithdrawReason, found: Broken) -> None:
    await end(tx, proposal.withdraw(reason, tx.now, found), policy_version=found.verdict.policy_version)
    await search.fill(tx, vacancy)
