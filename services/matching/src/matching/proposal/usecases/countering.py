"""Use cases of counter-proposals: other terms, offered by the trainer or the school and answered by the other side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.errors import Invalid, Refused
from common.persistence.transaction import Tx
from events.words import Form, Party, Slot
from matching.profile.model.profile import Profile
from matching.profile.store import profiles
from matching.proposal.model.counter import ACROSS, CounterRules, Offer
from matching.proposal.model.employer import EmployerConsent
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import NotPossible, Status
from matching.proposal.store import proposals
from matching.proposal.usecases.answers import CONSENTS, settle
from matching.proposal.usecases.proposing import EXPIRE, engage, lock, note
from matching.ranking.model.criteria import Criteria
from matching.ranking.wording import in_the_way
from matching.vacancy.model.opening import Opening
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.terms import Terms


class NotUnderTheseTerms(Refused):
    """You cannot teach under these terms: {rules}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The terms that a party wants; None as they are."""

    form: Form | None = None
    minutes_per_week: int | None = None
    roster: tuple[Slot, ...] | None = None

    def beside(self, offer: Offer) -> Offer:
        """Return all terms."""
        return Offer(
            form=self.form or offer.form,
            minutes_per_week=self.minutes_per_week or offer.minutes_per_week,
            roster=offer.roster if self.roster is None else self.roster,
        )


async def counter(tx: Tx, proposal_id: UUID, by: Party, wanted: Wanted) -> Proposal:
    """Offer other terms. A trainer's are judged at once, a school's when the trainer accepts them.

    A school that read from a refusal what the trainer can do would learn about a candidate whom it does not know.

    Raises:
        NotAsked, NotToCounter, NotPossible, CounterOpen, TooManyCounters, SameTerms: see ``Proposal.counter``.
        Invalid: these terms cannot be.
        NotUnderTheseTerms: the trainer cannot teach so.
    """
    proposal, vacancy = await lock(tx, proposal_id)
    # A school does not learn before its moment that the trainer is gone.
    if proposal.held and (by is Party.TRAINER or not proposal.trainer_gone):
        raise NotPossible(status=Status.WITHDRAWN, wanted="countered")
    offer, rules = wanted.beside(proposal.offer), CounterRules.of(await tx.policies(), tx.today)
    if faults := offer.faults(vacancy.facts.minutes_per_week):
        raise Invalid(*faults)
    profile, opening = await profiles.profile(tx, proposal.trainer_id), opening_of(vacancy.facts)
    countered, events = proposal.counter(
        by,
        offer,
        most=rules.most,
        asks_employer=await _employer_of(tx, offer, profile, opening) is not None or proposal.company_id is not None,
        at=tx.now,
        answer_before=await _answer_before(tx, proposal, rules),
    )
    if by is Party.TRAINER:
        await _must_be_possible(tx, offer, profile, opening)
    parties = countered.parties.only(*events[0].taking_part)
    return await _open_until(tx, await proposals.apply(tx, countered, events, parties=parties))


async def accept(tx: Tx, proposal_id: UUID, by: Party, number: int) -> Proposal:
    """Go on under the terms of a counter-proposal; where the employer is no party, it is settled with that.

    Raises:
        NotPossible, NoCounter: see ``Proposal.accept_counter``.
        NotUnderTheseTerms: the trainer accepts what the law or other agreed work does not allow.
    """
    proposal, vacancy = await lock(tx, proposal_id)
    policies = await tx.policies()
    offer = proposal.offer if proposal.countered is None else proposal.countered.offer
    if proposal.held and by is Party.TRAINER:
        raise NotPossible(status=Status.WITHDRAWN, wanted="counter_answered")
    profile, opening = await profiles.profile(tx, proposal.trainer_id), opening_of(vacancy.facts)
    changed, events = proposal.accept_counter(
        by,
        number,
        employer_id=await _employer_of(tx, offer, profile, opening),
        at=tx.now,
        answer_before=await _answer_before(tx, proposal, CounterRules.of(policies, tx.today)),
        policy_version=policies.version,
    )
    if by is Party.TRAINER:
        await _must_be_possible(tx, offer, profile, opening)
    written = await _open_until(tx, await proposals.apply(tx, changed, events, policy_version=policies.version))
    for party in ACROSS:
        if party not in proposal.consents:
            await note(tx, CONSENTS[party], written, vacancy)
    if not written.left:
        return await settle(tx, written, vacancy)
    await engage(tx, written, vacancy, beside_open=written.by == "matching")
    return written


async def decline(tx: Tx, proposal_id: UUID, by: Party, number: int) -> Proposal:
    """Say no to a counter-proposal; the proposal is open as it was.

    Raises:
        NotPossible, NoCounter: see ``Proposal.decline_counter``.
    """
    proposal, _ = await lock(tx, proposal_id)
    declined, events = proposal.decline_counter(by, number)
    return await proposals.apply(tx, declined, events, parties=declined.parties.only(*events[0].taking_part))


async def _employer_of(tx: Tx, offer: Offer, profile: Profile | None, opening: Opening | None) -> UUID | None:
    """Return the trainer's employer where it is a party under these terms."""
    if profile is None or opening is None:
        return None
    policies, under, known = await tx.policies(), offer.opening(opening), offer.known(profile)
    criteria = Criteria.of(policies, tx.today, max(under.starts_on, tx.today))
    needed = EmployerConsent.of(policies, tx.today).needed(offer.form, under, known, criteria)
    return profile.company_id if needed else None


async def _must_be_possible(tx: Tx, offer: Offer, profile: Profile | None, opening: Opening | None) -> None:
    """Check a trainer under these terms, by what is agreed.

    Raises:
        NotPossible: the trainer or the place is no longer known.
        NotUnderTheseTerms: a rule forbids it.
    """
    if profile is None or opening is None:
        raise NotPossible(status=Status.WITHDRAWN, wanted="countered")
    verdict = offer.verdict(opening, profile, await tx.policies(), tx.today)
    if not verdict.ok:
        raise NotUnderTheseTerms(rules=in_the_way(verdict))


async def _answer_before(tx: Tx, proposal: Proposal, rules: CounterRules) -> datetime:
    term = Terms.of(await tx.policies(), tx.today).answer
    return rules.answer_before(proposal.made_at, proposal.answer_before, term, tx.now)


async def _open_until(tx: Tx, proposal: Proposal) -> Proposal:
    await tx.set_deadline(EXPIRE, proposal.id, proposal.answer_before, case=proposal.case)
    return proposal
