"""Use cases of answers to a proposal, and of their absence."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.decision import Verdict
from common.persistence.store import Change
from common.persistence.transaction import Tx
from events.matching import DeclineReason, ProlongReason
from events.parties import REGION
from events.words import Party
from matching.fairness.model import Stage
from matching.profile.model.quiet import after_quiet
from matching.profile.store import profiles
from matching.proposal.model.employer import EmployerConsent
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import NotPossible, Status
from matching.proposal.model.still_lawful import still_lawful
from matching.proposal.store import proposals
from matching.proposal.usecases import reviewing, search
from matching.proposal.usecases.delivering import miss, open_until
from matching.proposal.usecases.proposing import EXPIRE, LAPSE, REMIND, end, engage, let_down, lock, note
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.terms import Terms
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.store import vacancies

CONSENTS: Final = {Party.TRAINER: Stage.TRAINER_CONSENTS, Party.SCHOOL: Stage.SCHOOL_CONSENTS}


async def consent(tx: Tx, proposal_id: UUID, by: Party, *, terms: int = 1) -> Proposal:
    """Take one party's consent to the terms with this number; with the last one it is settled."""
    proposal, vacancy = await lock(tx, proposal_id)
    if proposal.trainer_gone and by is Party.TRAINER:
        raise NotPossible(status=Status.WITHDRAWN, wanted="consented")
    consented, events = proposal.consent(by, tx.now, terms=terms)
    written = await proposals.apply(tx, consented, events)
    if events and by in CONSENTS:
        await note(tx, CONSENTS[by], written, vacancy)
    return await settle(tx, written, vacancy) if events and not consented.left else written


async def settle(tx: Tx, proposal: Proposal, vacancy: Vacancy) -> Proposal:
    """Accept what every party agreed to, if the facts still hold and there is a place; else it lapses."""
    verdict = await _verdict_now(tx, proposal, vacancy)
    if verdict is None or not verdict.ok:
        return await _lapse(tx, vacancy, proposal.lapse("no_longer_eligible", tx.now, verdict))
    if not vacancy.free:
        return await _lapse(tx, vacancy, proposal.lapse("last_place_gone", tx.now, verdict))
    accepted = await end(tx, proposal.accept(verdict), policy_version=verdict.policy_version)
    taken = await vacancies.apply(tx, *vacancy.take_place(proposal.id), policy_version=verdict.policy_version)
    if not taken.free:
        await let_down(tx, taken)
    await note(tx, Stage.PLACED, accepted, vacancy)
    await engage(tx, accepted, vacancy, beside_open=False)
    await reviewing.plan_later(tx, accepted.trainer_id)
    await _announce_side_work(tx, accepted)
    await tx.set_deadline(LAPSE, proposal.id, tx.now + (await _terms(tx)).draft, case=proposal.case)
    return accepted


async def _announce_side_work(tx: Tx, accepted: Proposal) -> None:
    """Publish, to the trainer and the desk only, that an employer who was not asked is to get notice."""
    profile = await profiles.profile(tx, accepted.trainer_id)
    if profile is None or not accepted.is_side_work(profile):
        return
    policies = await tx.policies()
    event = accepted.side_work(EmployerConsent.of(policies, tx.today).side_work_law, policies.version)
    tx.publish(event, case=accepted.case, parties=accepted.parties.only("trainer", REGION))


async def decline(tx: Tx, proposal_id: UUID, by: Party, reason: DeclineReason) -> Proposal:
    """Take a no; the next candidate is proposed."""
    proposal, vacancy = await lock(tx, proposal_id)
    declined = await end(tx, proposal.decline(by, reason, tx.now))
    await search.fill(tx, vacancy)
    return declined


async def remind(tx: Tx, proposal_id: UUID) -> None:
    """Remind the parties that have not answered, and plan the next reminder."""
    proposal = await proposals.get(tx, proposal_id, lock=True)
    if not proposal.open or proposal.held:
        return
    reminded = await proposals.apply(tx, *proposal.remind())
    reminded = await miss(tx, reminded)
    later = (await _terms(tx)).reminders[reminded.reminders :]
    if later:
        await tx.set_deadline(REMIND, proposal_id, proposal.made_at + later[0], case=proposal.case)


async def expire(tx: Tx, proposal_id: UUID) -> None:
    """End a proposal that was not answered in time; the next candidate is proposed.

    It waits for a trainer whom no letter reached in time, as long as policy lets it. None ends in a quiet week of its
    trainer: it waits for the same moment of the next week that is not quiet.
    """
    proposal, vacancy = await lock(tx, proposal_id)
    profile = await profiles.profile(tx, proposal.trainer_id)
    there = proposal.open and not proposal.held and profile is not None
    wanted = await open_until(tx, proposal) if there else tx.now
    until = after_quiet(wanted, profile.quiet_weeks if profile is not None and there else ())
    if until > tx.now:
        reason: ProlongReason = "undelivered" if wanted > tx.now else "quiet_week"
        prolonged = await proposals.apply(tx, *proposal.prolong(reason, until))
        await tx.set_deadline(EXPIRE, proposal_id, until, case=prolonged.case)
    elif proposal.open:
        await end(tx, proposal.expire(tx.now))
        await search.fill(tx, vacancy)


async def _verdict_now(tx: Tx, proposal: Proposal, vacancy: Vacancy) -> Verdict | None:
    profile, opening = await profiles.profile(tx, proposal.trainer_id), opening_of(vacancy.facts)
    if profile is None or opening is None or proposal.trainer_gone:
        return None
    offer = proposal.offer
    proposed = min(proposal.grounds.minutes, offer.minutes_per_week)
    return still_lawful(
        offer.opening(opening), offer.known(profile), offer.form, await tx.policies(), tx.today, proposed=proposed
    )


async def _lapse(tx: Tx, vacancy: Vacancy, change: Change[Proposal]) -> Proposal:
    lapsed = await end(tx, change)
    await search.fill(tx, vacancy)
    return lapsed


async def _terms(tx: Tx) -> Terms:
    return Terms.of(await tx.policies(), tx.today)
