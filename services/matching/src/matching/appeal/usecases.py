"""Use cases of an appeal: it is lodged, decided by a person, withdrawn, overdue, erased and purged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from common.clock import end_of
from common.errors import Conflict, Forbidden, NotFound
from common.persistence.store import Change
from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from events.matching import AppealDecision, AppealReason
from events.parties import Parties
from matching.appeal.model import Appeal, AppealTerms
from matching.appeal.store import store
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import SETTLED
from matching.proposal.store import proposals
from matching.ranking.store import blind, rankings
from matching.ranking.usecases import assess
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.store import vacancies

BATCH: Final = 500
TERM: Final = "retention.appeals"
DECIDE: Final = "appeal.overdue"


class AlreadyAppealed(Conflict):
    """There is an appeal against this decision already."""


class StillAsked(Conflict):
    """There is a proposal for this vacancy that is open or agreed on: no decision to appeal against."""


class OwnAppeal(Forbidden):
    """Another person decides on this appeal: it is the caller's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """The reason of the appellant, and own words."""

    reason: AppealReason
    words: str | None


async def lodge_about_proposal(tx: Tx, proposal: Proposal, appellant: Parties, complaint: Complaint) -> Appeal:
    """Appeal against how a proposal ended; its ranking and grounds stay until the decision.

    Raises:
        NothingDecided: it has not ended.
        TooLate: it ended too long ago.
        AlreadyAppealed: the same appellant did so before.
    """
    await vacancies.get(tx, proposal.vacancy_id, lock=True)  # two appeals at once: one is there already for the other
    terms = AppealTerms.of(await tx.policies(), tx.today)
    terms.check(proposal, tx.today, by_trainer=appellant.trainer is not None)
    appeal = _appeal(tx, terms, proposal.vacancy_id, proposal.round, proposal.region, appellant, complaint)
    grounds = proposal.grounds
    return await _lodge(
        tx,
        replace(
            appeal,
            proposal_id=proposal.id,
            ranking_id=grounds.ranking_id,
            policy_version=grounds.policy_version,
            findings=() if appellant.trainer is None else proposal.findings or grounds.reasons,
        ),
    )


async def lodge_about_vacancy(tx: Tx, vacancy_id: UUID, appellant: Parties, complaint: Complaint) -> Appeal:
    """Appeal against not being proposed, or, as the school, against how its vacancy was searched for.

    Raises:
        NotFound: matching does not know the trainer (any more).
        StillAsked: the trainer is asked for this vacancy, or has a place of it.
        AlreadyAppealed: the same appellant did so before.
    """
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    if appellant.trainer is not None:
        mine = await proposals.of(tx, vacancy_id, appellant.trainer)
        if any(each.status in SETTLED or (each.open and each.held is None) for each in mine):
            raise StillAsked
    terms = AppealTerms.of(await tx.policies(), tx.today)
    appeal = _appeal(tx, terms, vacancy_id, vacancy.round, vacancy.facts.region, appellant, complaint)
    appeal = replace(appeal, ranking_id=vacancy.ranking_id)
    return await _lodge(tx, await _with_findings(tx, appeal, vacancy))


def _appeal(
    tx: Tx,
    terms: AppealTerms,
    vacancy_id: UUID,
    round_: int,
    region: str | None,
    appellant: Parties,
    complaint: Complaint,
) -> Appeal:
    return Appeal(
        id=blind.new_id(tx),
        lodged_at=tx.now,
        decide_before=tx.today + timedelta(days=terms.decide_within_days),
        vacancy_id=vacancy_id,
        round=round_,
        region=region,
        board_id=appellant.board,
        school_id=appellant.school,
        location_id=appellant.location,
        trainer_id=appellant.trainer,
        reason=complaint.reason,
        words=complaint.words,
        policy_version=terms.version,
    )


async def _with_findings(tx: Tx, appeal: Appeal, vacancy: Vacancy) -> Appeal:
    """Store how every rule finds the trainer now: the profile may change until the decision."""
    if appeal.trainer_id is None:
        return appeal
    opening = opening_of(vacancy.facts)
    if opening is None:
        raise NotFound(what="vacancy", id=vacancy.id)
    assessed, _ = await assess(tx, opening, appeal.trainer_id)
    return replace(appeal, findings=assessed.verdict.reasons, policy_version=assessed.verdict.policy_version)


async def _lodge(tx: Tx, appeal: Appeal) -> Appeal:
    if await store.of_appellant(tx, appeal):
        raise AlreadyAppealed
    lodged = await store.add(tx, *appeal.lodge(), policy_version=appeal.policy_version)
    if lodged.ranking_id is not None:
        await rankings.hold(tx, lodged.ranking_id, held=True)
    await tx.set_deadline(DECIDE, lodged.id, end_of(lodged.decide_before), case=lodged.case)
    return lodged


async def decide(
    tx: Tx, appeal_id: UUID, decision: AppealDecision, motivation: str, *, by_trainer: UUID | None
) -> Appeal:
    """Record what a person decided; ``by_trainer`` is the trainer whom that person is as well.

    Raises:
        OwnAppeal: it is that person's own.
        NotPossible: it was decided otherwise, or withdrawn.
    """
    known = await store.get(tx, appeal_id, lock=True)
    if by_trainer is not None and by_trainer == known.trainer_id:
        raise OwnAppeal
    return await _end(tx, known.decide(decision, motivation, tx.today))


async def withdraw(tx: Tx, appeal_id: UUID) -> Appeal:
    """Take an appeal back.

    Raises:
        NotPossible: it was decided.
    """
    return await _end(tx, (await store.get(tx, appeal_id, lock=True)).withdraw(tx.today))


async def pass_deadline(tx: Tx, appeal_id: UUID) -> None:
    """Have the programme watch an appeal that was not decided in time."""
    await store.apply(tx, *(await store.get(tx, appeal_id, lock=True)).pass_deadline())


async def _end(tx: Tx, change: Change[Appeal]) -> Appeal:
    """Write the end of an appeal; its evidence goes with its term again, unless another appeal rests on it."""
    ended = await store.apply(tx, *change)
    if change[1]:
        await tx.cancel_deadline(DECIDE, ended.id)
        if ended.ranking_id is not None and not await store.hold(tx, ended.ranking_id):
            await rankings.hold(tx, ended.ranking_id, held=False)
    return ended


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Withdraw the open appeals of an erased trainer, and erase the words and measures of all; return how many."""
    for each in await store.of_trainer(tx, trainer_id):
        if each.open:
            await withdraw(tx, each.id)
    return await store.erase(tx, trainer_id)


async def purge_ended(tx: Tx) -> int:
    """Remove a batch of appeals that ended before the term; return how many.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, TERM, "daysAfterDecision")
    return 0 if before is None else await store.purge(tx, before.date(), at_most=BATCH)


PURGE: Final = Purge(table="appeals", policy=TERM, forget=purge_ended)
