"""What the parties say to a proposal, and what becomes of it."""

from __future__ import annotations

from uuid import UUID

from common.decision import Outcome, Verdict
from common.errors import Conflict, Refused
from common.persistence.store import Change
from common.persistence.transaction import Tx
from events.matching import DeclineReason, Proposer
from events.words import Party
from matching.model.assessment import Standing
from matching.model.grounds import candidate
from matching.model.proposal import Proposal
from matching.model.proposal_status import NotPossible, Status
from matching.model.published import opening_of
from matching.model.still_lawful import still_lawful
from matching.model.terms import Terms
from matching.model.vacancy import Vacancy
from matching.store import blind, proposals, trainers, vacancies
from matching.usecases import search
from matching.usecases.ending import ended, locked, release


class AlreadyAsked(Conflict):
    """There is an open proposal of this trainer for this vacancy."""


class DoesNotFit(Refused):
    """This trainer does not fit this vacancy: {rules}."""


class CannotBeProposed(Refused):
    """This candidate cannot be proposed for this vacancy."""


class Unplaced(Refused):
    """Nobody knows where this vacancy is, so that nobody can be ranked for it."""


async def shortlist(tx: Tx, vacancy_id: UUID, trainer_id: UUID, by: Proposer) -> Proposal:
    """Propose somebody whom a school or desk has chosen among those who fit.

    Raises:
        NoSearch, NoPlaceLeft: the vacancy looks for nobody (any more).
        AlreadyAsked: that is what they are.
        DoesNotFit: a rule keeps them apart; a school is not told which (``CannotBeProposed``).
        CannotBeProposed: the trainer is no longer in the talent pool.
        NotFound: there is no such vacancy.
    """
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    vacancy.must_search()
    if any(each.trainer_id == trainer_id for each in await proposals.open_for(tx, vacancy_id)):
        raise AlreadyAsked
    opening = opening_of(vacancy.facts)
    if opening is None:
        raise Unplaced
    ranked = await trainers.ranked(tx, opening)
    if trainer_id not in ranked.versions:  # gone since the list was made; the error names nobody
        raise CannotBeProposed
    assessed = ranked.ranking.explain(trainer_id)
    if assessed.standing is Standing.REJECTED:
        if by == "school":
            raise CannotBeProposed
        raise DoesNotFit(rules=", ".join(_in_the_way(assessed.verdict)))
    ranking_id = blind.new_id(tx)
    vacancy = await search.keep_ranking(tx, vacancy, ranking_id, ranked)
    chosen = candidate(ranked.ranking, ranking_id, assessed)
    return (await search.propose(tx, vacancy, chosen, by=by))[1]


async def consent(tx: Tx, proposal_id: UUID, by: Party) -> Proposal:
    """Take one party's consent; with the last one it is settled."""
    proposal, vacancy = await locked(tx, proposal_id)
    if proposal.held and by is Party.TRAINER:
        raise NotPossible(status=Status.WITHDRAWN, wanted="consented")
    consented, told = proposal.consent(by, tx.now)
    if not told or consented.left:
        return await proposals.apply(tx, consented, told)
    return await _settle(tx, await proposals.apply(tx, consented, told), vacancy)


async def _settle(tx: Tx, proposal: Proposal, vacancy: Vacancy) -> Proposal:
    """Accept what everybody agreed to, if the facts still hold and there is a place; else it lapses."""
    verdict = await _verdict_now(tx, proposal, vacancy)
    if verdict is None or not verdict.ok:
        return await _lapsed(tx, vacancy, proposal.lapse("no_longer_eligible", tx.now, verdict))
    if not vacancy.free:
        return await _lapsed(tx, vacancy, proposal.lapse("last_place_gone", tx.now, verdict))
    accepted = await ended(tx, proposal.accept(verdict), policy_version=verdict.policy_version)
    await vacancies.apply(tx, *vacancy.take_place(proposal.id), policy_version=verdict.policy_version)
    await trainers.commit_minutes(tx, proposal.id, proposal.trainer_id, proposal.minutes_per_week)
    await tx.set_deadline(search.LAPSES, proposal.id, tx.now + (await _terms(tx)).draft, case=proposal.case)
    return accepted


async def decline(tx: Tx, proposal_id: UUID, by: Party, reason: DeclineReason) -> Proposal:
    """Take a no; the next candidate is asked."""
    proposal, vacancy = await locked(tx, proposal_id)
    declined = await ended(tx, proposal.decline(by, reason, tx.now))
    await search.fill(tx, vacancy)
    return declined


async def remind(tx: Tx, proposal_id: UUID) -> None:
    """Remind whoever has not answered, and plan the next reminder."""
    proposal = await proposals.get(tx, proposal_id, lock=True)
    if not proposal.open or proposal.held:
        return
    reminded = await proposals.apply(tx, *proposal.remind())
    later = (await _terms(tx)).reminders[reminded.reminders :]
    if later:
        await tx.set_deadline(search.REMINDS, proposal_id, proposal.made_at + later[0], case=proposal.case)


async def expire(tx: Tx, proposal_id: UUID) -> None:
    """Give up waiting for answers; the next candidate is asked."""
    proposal, vacancy = await locked(tx, proposal_id)
    if proposal.open:
        await ended(tx, proposal.expire(tx.now))
        await search.fill(tx, vacancy)


async def convert(tx: Tx, proposal_id: UUID, contract_id: UUID) -> None:
    """Note the contract that was drafted from it."""
    proposal = await proposals.get(tx, proposal_id, lock=True)
    # A draft that came too late finds its proposal lapsed; contracts was told so, and cancels it.
    if proposal.status is not Status.LAPSED:
        await ended(tx, proposal.convert(contract_id))


async def finish(tx: Tx, proposal_id: UUID) -> None:
    """Note that its contract is over as agreed: the minutes are free, the place is not."""
    proposal, _ = await locked(tx, proposal_id)
    await release(tx, proposal)


async def _verdict_now(tx: Tx, proposal: Proposal, vacancy: Vacancy) -> Verdict | None:
    profile, opening = await trainers.profile(tx, proposal.trainer_id), opening_of(vacancy.facts)
    if profile is None or opening is None or proposal.held:
        return None
    return still_lawful(opening, profile, proposal.form, await tx.policies(), tx.today)


async def _lapsed(tx: Tx, vacancy: Vacancy, change: Change[Proposal]) -> Proposal:
    lapsed = await ended(tx, change)
    await search.fill(tx, vacancy)
    return lapsed


async def _terms(tx: Tx) -> Terms:
    return Terms.of(await tx.policies(), tx.today)


def _in_the_way(verdict: Verdict) -> list[str]:
    return [reason.rule for reason in verdict.reasons if reason.outcome is Outcome.BLOCK]
