"""A contract: from a draft through the checks and signatures to work, and to its end. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from common.decision import Verdict
from common.errors import Conflict
from common.lifecycle import LifeCycle
from contracts.contract.model.decision import Decision, Ruling
from contracts.contract.model.ending import Ending, EndingOpen, NothingMissing
from contracts.contract.model.extension import Extension
from contracts.contract.model.findings import notable
from contracts.contract.model.signing import Signing
from contracts.contract.model.terms import Lessons, Terms
from events import Event
from events.contracts import (
    ActivationHeld,
    ContractActivated,
    ContractAmended,
    ContractCancelled,
    ContractDissolved,
    ContractDrafted,
    ContractEnded,
    ContractEvent,
    ContractExpired,
    ContractExtended,
    ContractExtensionExpired,
    ContractExtensionOffered,
    ContractExtensionRefused,
    ContractHeldForReview,
    ContractOffered,
    ContractRefused,
    ContractResumed,
    ContractReturned,
    ContractSigned,
    ContractSubmitted,
    ContractSuspended,
    EndingReason,
    SignatureGiven,
)
from events.parties import Parties
from events.words import Finding, Form, Party

CancelledReason: TypeAlias = Literal["trainer_left", "vacancy_withdrawn", "proposal_lapsed", "party_refused", "other"]
DissolvedReason: TypeAlias = Literal["trainer_left", "vacancy_withdrawn", "vog_not_shown", "mutual", "other"]
SuspendedReason: TypeAlias = Literal["absence", "schedule", "employer", "school", "other"]
EndedReason: TypeAlias = EndingReason | Literal["term", "trainer_left"]


class Status(StrEnum):
    """Where a contract stands."""

    DRAFT = "draft"
    REVIEW = "review"
    """Handed in; where it stays in it, a person must look."""
    SIGNING = "signing"
    SIGNED = "signed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"
    ENDED_EARLY = "ended_early"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DISSOLVED = "dissolved"


DRAFT, REVIEW, SIGNING, SIGNED, ACTIVE, SUSPENDED, ENDED, ENDED_EARLY, REFUSED, CANCELLED, EXPIRED, DISSOLVED = Status


class NotPossible(Conflict):
    """A contract that is {status} cannot become {wanted}."""


# A draft may be changed and stays one; a contract at work that is extended stays at work.
LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        DRAFT: {DRAFT, REVIEW, CANCELLED},
        REVIEW: {DRAFT, SIGNING, REFUSED, CANCELLED},
        SIGNING: {DRAFT, SIGNED, CANCELLED, EXPIRED},
        SIGNED: {ACTIVE, DISSOLVED},
        ACTIVE: {ACTIVE, SUSPENDED, ENDED, ENDED_EARLY},
        SUSPENDED: {ACTIVE, ENDED, ENDED_EARLY},
    },
)

LIVE: Final = frozenset({REVIEW, SIGNING, SIGNED, ACTIVE, SUSPENDED})
"""In these its hours are planned: they count towards every limit of the person."""
UNSIGNED: Final = frozenset({DRAFT, REVIEW, SIGNING})
AT_WORK: Final = frozenset({ACTIVE, SUSPENDED})
BOUND: Final = frozenset({SIGNED, ACTIVE, SUSPENDED, ENDED, ENDED_EARLY})
"""In these it is, or was, an agreement."""


class NotYet(Conflict):
    """This contract starts on {starts_on}."""


class EmployerNotAsked(Conflict):
    """These hours are in the time of an employer, and no employer is a party to this contract."""


class NothingToReview(Conflict):
    """Nothing of this contract, which is {status}, waits for a review."""


class NoLaterEnd(Conflict):
    """An extension ends later than {ends_on}; a contract without an end needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One trainer's work at one school, as agreed by everyone whom its form binds."""

    id: UUID
    version: int = 0
    status: Status = DRAFT
    proposal_id: UUID
    vacancy_id: UUID
    trainer_id: UUID
    board_id: UUID
    school_id: UUID
    location_id: UUID
    company_id: UUID | None
    region: str | None
    form: Form
    lessons: Lessons
    terms: Terms
    drafted_at: datetime
    decision: Decision | None = None
    """The newest one about the terms as they are."""
    documents: int = 0
    """How many versions were put before the parties."""
    signing: Signing | None = None
    """The version on the table, or the one that binds."""
    held: tuple[Finding, ...] = ()
    """What keeps a signed contract from starting."""
    active_from: date | None = None
    ended_on: date | None = None
    reason: str | None = None
    """Why it was cancelled, dissolved, suspended or ended."""
    extension: Extension | None = None
    ending: Ending | None = None
    """An end before the last day; it stays once it took place."""

    @property
    def last_day(self) -> date | None:
        """The day with which it ends, as far as that is certain."""
        return self.ending.last_day if self.ending and self.ending.certain else self.terms.ends_on

    @property
    def case(self) -> UUID:
        """From the proposal on everything belongs to the vacancy."""
        return self.vacancy_id

    @property
    def parties(self) -> Parties:
        """Trainer, school and, if there is one, employer."""
        return Parties.of(self)

    # -- from a draft through the checks to the last signature, or to an end without one -------------------------------

    @classmethod
    def draft(cls, **known: Any) -> Change:
        """Draw it up: ``known`` are the fields that have no default."""
        contract = cls(**known)
        contract.terms.check(contract.form)
        drafted = contract.event(
            ContractDrafted,
            board_id=contract.board_id,
            school_id=contract.school_id,
            location_id=contract.location_id,
            company_id=contract.company_id,
            form=contract.form,
            role=contract.lessons.role,
            school_type=contract.lessons.school_type,
            starts_on=contract.terms.starts_on,
            ends_on=contract.terms.ends_on,
            minutes_per_week=contract.terms.minutes_per_week,
            region=contract.region,
        )
        return contract, [drafted]

    def submit(self) -> Change:
        """Hand the draft in for the checks."""
        return LIFE_CYCLE.become(self, REVIEW, self.event(ContractSubmitted))

    def judge(self, decision: Decision, signing: Signing) -> Change:
        """Take the outcome of the checks; ``signing`` is what the parties may sign where they passed."""
        if decision.ruling is Ruling.PASSED:
            return self._offer(signing, decision)
        if decision.ruling is Ruling.REFUSED:
            return LIFE_CYCLE.become(self, REFUSED, self._decided(ContractRefused, decision), decision=decision)
        if decision.ruling is Ruling.RETURNED:
            return LIFE_CYCLE.become(self, DRAFT, self._decided(ContractReturned, decision), decision=decision)
        LIFE_CYCLE.must_be(self, REVIEW, wanted=REVIEW)
        return replace(self, decision=decision), [self._decided(ContractHeldForReview, decision)]

    def under_review(self) -> tuple[Terms, Decision]:
        """Return what waits for a person's judgement: the terms as they would be, and what the checks said.

        Raises:
            NothingToReview: nothing does.
        """
        if self.extension is not None and self.extension.signing is None:
            return replace(self.terms, ends_on=self.extension.ends_on), self.extension.decision
        if self.status is REVIEW and self.decision is not None:
            return self.terms, self.decision
        raise NothingToReview(status=self.status.value)

    def approve(self, signing: Signing) -> Change:
        """Offer what was held: a person looked at it, and it may go on."""
        _, decision = self.under_review()
        if self.extension is not None:
            return self._offer_extension(self.extension, signing)
        return self._offer(signing, decision)

    def reject(self) -> Change:
        """Refuse what was held: a person looked at it, and it may not go on."""
        _, decision = self.under_review()
        if self.extension is not None:
            return replace(self, extension=None), [self._refused(self.extension)]
        return LIFE_CYCLE.become(self, REFUSED, self._decided(ContractRefused, decision))

    def send_back(self) -> Change:
        """Return what was held to the parties, who may change it and hand it in again."""
        _, decision = self.under_review()
        return LIFE_CYCLE.become(self, DRAFT, self._decided(ContractReturned, decision))

    def amend(self, terms: Terms) -> Change:
        """Agree on something else before everybody has signed: no earlier signature counts for it.

        Raises:
            EmployerNotAsked: it is declared to be in the time of an employer that is no party.
        """
        terms.check(self.form)
        if terms.declared.in_company_time and self.company_id is None:
            raise EmployerNotAsked
        if terms == self.terms and self.status is not DRAFT:
            return self, []
        amended = self.event(ContractAmended, document_version=self.documents)
        return LIFE_CYCLE.become(self, DRAFT, amended, terms=terms, decision=None, signing=None)

    def sign(self, by: Party, document_hash: str, at: datetime) -> Change:
        """Take one signature; the last mandatory one makes the version binding."""
        extension = self.extension
        if extension is not None and extension.signing is not None and document_hash == extension.signing.hash:
            return self._sign_extension(extension, extension.signing, by, at)
        if self.signing is None or self.status not in {SIGNING, *BOUND}:
            raise NotPossible(status=self.status.value, wanted=SIGNED.value)
        signing = self.signing.sign(by, document_hash, at)
        if signing is self.signing:
            return self, []
        given = self.event(SignatureGiven, party=by, document_hash=document_hash, left=list(signing.left))
        if self.status is not SIGNING or signing.left:
            return replace(self, signing=signing), [given]
        binding = self.event(
            ContractSigned,
            document_hash=document_hash,
            starts_on=self.terms.starts_on,
            minutes_per_week=self.terms.minutes_per_week,
        )
        return LIFE_CYCLE.become(self, SIGNED, given, binding, signing=signing)

    def expire(self) -> Change:
        """Stop waiting for signatures."""
        if self.status is EXPIRED:
            return self, []
        left = list(self.signing.left) if self.signing else []
        return LIFE_CYCLE.become(self, EXPIRED, self.event(ContractExpired, left=left))

    def cancel(self, reason: CancelledReason) -> Change:
        """End it before it was signed."""
        if self.status is CANCELLED:
            return self, []
        return LIFE_CYCLE.become(self, CANCELLED, self.event(ContractCancelled, reason=reason), reason=reason)

    def cancel_for_lapsed_proposal(self) -> Change:
        """Cancel what can no longer be used, as its proposal lapsed; what everybody signed binds all the same."""
        return self.cancel("proposal_lapsed") if self.status in UNSIGNED else (self, [])

    def _offer(self, signing: Signing, decision: Decision) -> Change:
        event = self._decided(
            ContractOffered,
            decision,
            document_version=signing.version,
            document_hash=signing.hash,
            mandatory=list(signing.mandatory),
            invited=list(signing.invited),
            sign_before=signing.before,
            vat_row=decision.vat.row,
            vat_cents_per_year=decision.vat.burden_cents,
        )
        return LIFE_CYCLE.become(self, SIGNING, event, decision=decision, signing=signing, documents=signing.version)

    # -- from the last signature through the work to its end -----------------------------------------------------------

    def dissolve(self, reason: DissolvedReason) -> Change:
        """End what was signed before it starts."""
        if self.status is DISSOLVED:
            return self, []
        return LIFE_CYCLE.become(self, DISSOLVED, self.event(ContractDissolved, reason=reason), reason=reason)

    def must_lack_something(self) -> None:
        """Raise ``NothingMissing`` unless the first day came and something that the start needs is missing."""
        if self.status is SIGNED and not self.held:
            raise NothingMissing

    def activate(self, verdict: Verdict, on: date) -> Change:
        """Begin the work on a day, if nothing is missing; what is missing is published once, until it changes."""
        if self.status in AT_WORK:
            return self, []
        LIFE_CYCLE.check(self, ACTIVE)
        if on < self.terms.starts_on:
            raise NotYet(starts_on=self.terms.starts_on.isoformat())
        if verdict.ok:
            event = self.event(ContractActivated, active_from=on)
            return LIFE_CYCLE.become(self, ACTIVE, event, active_from=on, held=())
        missing = notable(verdict.reasons)
        if missing == self.held:
            return self, []
        held = self.event(ActivationHeld, findings=list(missing), policy_version=verdict.policy_version)
        return replace(self, held=missing), [held]

    def suspend(self, reason: SuspendedReason, today: date) -> Change:
        """Stop the work for a while."""
        if self.status is SUSPENDED:
            return self, []
        event = self.event(ContractSuspended, suspended_on=today, reason=reason)
        return LIFE_CYCLE.become(self, SUSPENDED, event, reason=reason)

    def resume(self, today: date) -> Change:
        """Go on with the work."""
        if self.status is ACTIVE:
            return self, []
        LIFE_CYCLE.must_be(self, SUSPENDED, wanted=ACTIVE)
        return LIFE_CYCLE.become(self, ACTIVE, self.event(ContractResumed, resumed_on=today), reason=None)

    def end(self, on: date, reason: EndedReason) -> Change:
        """End the work on a day; before the agreed last one is early."""
        if self.status in {ENDED, ENDED_EARLY}:
            return self, []
        early = reason != "term"
        event = self.event(ContractEnded, ended_on=on, early=early, reason=reason)
        wanted = ENDED_EARLY if early else ENDED
        return LIFE_CYCLE.become(self, wanted, event, ended_on=on, reason=reason, extension=None)

    def must_have_no_ending(self) -> None:
        """Check that no earlier end is proposed or certain.

        Raises:
            EndingOpen: one is.
        """
        if self.ending is not None:
            raise EndingOpen(ends_on=self.ending.last_day.isoformat())

    # -- a later end for a contract at work: judged and signed again, while the work goes on ---------------------------

    def must_allow_end(self, ends_on: date) -> None:
        """Check that the contract is at work and would end later.

        Raises:
            NotPossible: it is not at work.
            NoLaterEnd: it has no end, or ends later already.
            EndingOpen: it is about to end earlier.
        """
        LIFE_CYCLE.must_be(self, ACTIVE, wanted="extended")
        self.must_have_no_ending()
        if self.terms.ends_on is None or ends_on <= self.terms.ends_on:
            raise NoLaterEnd(ends_on=str(self.terms.ends_on))

    def extend(self, ends_on: date, decision: Decision, signing: Signing) -> Change:
        """Propose a later end, as the checks decided; an earlier proposal of that kind is replaced."""
        self.must_allow_end(ends_on)
        extension = Extension(ends_on=ends_on, decision=decision, signing=None)
        if decision.ruling is Ruling.PASSED:
            return self._offer_extension(extension, signing)
        if decision.ruling is Ruling.HELD:
            return replace(self, extension=extension), [self._decided(ContractHeldForReview, decision)]
        return replace(self, extension=None), [self._refused(extension)]

    def give_up_extension(self) -> Change:
        """Stop waiting for signatures under an extension."""
        if self.extension is None or self.extension.signing is None:
            return self, []
        event = self.event(ContractExtensionExpired, left=list(self.extension.signing.left))
        return replace(self, extension=None), [event]

    def _offer_extension(self, extension: Extension, signing: Signing) -> Change:
        event = self._decided(
            ContractExtensionOffered,
            extension.decision,
            ends_on=extension.ends_on,
            document_version=signing.version,
            document_hash=signing.hash,
            mandatory=list(signing.mandatory),
            invited=list(signing.invited),
            sign_before=signing.before,
        )
        return replace(self, extension=replace(extension, signing=signing), documents=signing.version), [event]

    def _sign_extension(self, extension: Extension, signing: Signing, by: Party, at: datetime) -> Change:
        LIFE_CYCLE.must_be(self, ACTIVE, wanted="extended")
        taken = signing.sign(by, signing.hash, at)
        if taken is signing:
            return self, []
        given = self.event(SignatureGiven, party=by, document_hash=taken.hash, left=list(taken.left))
        if taken.left:
            return replace(self, extension=replace(extension, signing=taken)), [given]
        extended = self.event(
            ContractExtended, document_version=taken.version, document_hash=taken.hash, ends_on=extension.ends_on
        )
        return LIFE_CYCLE.become(
            self,
            ACTIVE,
            given,
            extended,
            terms=replace(self.terms, ends_on=extension.ends_on),
            decision=extension.decision,
            signing=taken,
            extension=None,
        )

    def _refused(self, extension: Extension) -> Event:
        return self._decided(ContractExtensionRefused, extension.decision, ends_on=extension.ends_on)

    # -- what every transition does ------------------------------------------------------------------------------------
    def _decided(self, event: type[ContractEvent], decision: Decision, **more: Any) -> Event:
        """Make an event that a decision led to, with its reasons."""
        return self.event(event, findings=list(decision.findings), policy_version=decision.policy_version, **more)

    def event(self, event: type[ContractEvent], **more: Any) -> Event:
        """Make an event about it."""
        return event(
            contract_id=self.id,
            vacancy_id=self.vacancy_id,
            proposal_id=self.proposal_id,
            trainer_id=self.trainer_id,
            **more,
        )


Change: TypeAlias = tuple[Contract, list[Event]]
"""What a transition returns: the new state and its events."""
