"""From a draft through the checks to the last signature, or to an end without one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from contracts.model.contract.extending import Extending
from contracts.model.contract.standing import Told
from contracts.model.contract_status import (
    BOUND,
    CANCELLED,
    DRAFT,
    EXPIRED,
    REFUSED,
    REVIEW,
    SIGNED,
    SIGNING,
    UNSIGNED,
    CancelledReason,
    NothingToReview,
    NotPossible,
)
from contracts.model.decision import Decision, Ruling
from contracts.model.signing import Signing
from contracts.model.terms import Terms
from events.contracts import (
    ContractAmended,
    ContractCancelled,
    ContractDrafted,
    ContractExpired,
    ContractHeldForReview,
    ContractOffered,
    ContractRefused,
    ContractReturned,
    ContractSigned,
    ContractSubmitted,
    SignatureGiven,
)
from events.words import Party


class Agreeing(Extending):
    """A contract on its way to everybody's signature."""

    __slots__ = ()

    @classmethod
    def draft(cls, **known: Any) -> tuple[Self, Told]:
        """Draw it up: ``known`` are the fields that have no default."""
        contract = cls(**known)
        contract.terms.check(contract.form)
        drafted = contract._tell(
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

    def submit(self) -> tuple[Self, Told]:
        """Hand the draft in for the checks."""
        return self._become(REVIEW, self._tell(ContractSubmitted))

    def judge(self, decision: Decision, signing: Signing) -> tuple[Self, Told]:
        """Take the outcome of the checks; ``signing`` is what the parties may sign where they passed."""
        if decision.ruling is Ruling.PASSED:
            return self._offer(signing, decision)
        if decision.ruling is Ruling.REFUSED:
            return self._become(REFUSED, self._told(ContractRefused, decision), decision=decision)
        if decision.ruling is Ruling.RETURNED:
            return self._become(DRAFT, self._told(ContractReturned, decision), decision=decision)
        if self.status is not REVIEW:
            raise NotPossible(status=self.status.value, wanted=REVIEW.value)
        return replace(self, decision=decision), [self._told(ContractHeldForReview, decision)]

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

    def approve(self, signing: Signing) -> tuple[Self, Told]:
        """Offer what was held: a person looked at it, and it may go on."""
        _, decision = self.under_review()
        if self.extension is not None:
            return self._offer_extension(self.extension, signing)
        return self._offer(signing, decision)

    def reject(self) -> tuple[Self, Told]:
        """Refuse what was held: a person looked at it, and it may not go on."""
        _, decision = self.under_review()
        if self.extension is not None:
            return replace(self, extension=None), [self._refused(self.extension)]
        return self._become(REFUSED, self._told(ContractRefused, decision))

    def send_back(self) -> tuple[Self, Told]:
        """Return what was held to the parties, who may change it and hand it in again."""
        _, decision = self.under_review()
        return self._become(DRAFT, self._told(ContractReturned, decision))

    def amend(self, terms: Terms) -> tuple[Self, Told]:
        """Agree on something else before everybody has signed: no earlier signature counts for it."""
        terms.check(self.form)
        if terms == self.terms and self.status is not DRAFT:
            return self, []
        amended = self._tell(ContractAmended, document_version=self.documents)
        return self._become(DRAFT, amended, terms=terms, decision=None, signing=None)

    def sign(self, by: Party, document_hash: str, at: datetime) -> tuple[Self, Told]:
        """Take one signature; the last mandatory one makes the version binding."""
        extension = self.extension
        if extension is not None and extension.signing is not None and document_hash == extension.signing.hash:
            return self._sign_extension(extension, extension.signing, by, at)
        if self.signing is None or self.status not in {SIGNING, *BOUND}:
            raise NotPossible(status=self.status.value, wanted=SIGNED.value)
        signing = self.signing.sign(by, document_hash, at)
        if signing is self.signing:
            return self, []
        given = self._tell(SignatureGiven, party=by, document_hash=document_hash, left=list(signing.left))
        if self.status is not SIGNING or signing.left:
            return replace(self, signing=signing), [given]
        binding = self._tell(
            ContractSigned,
            document_hash=document_hash,
            starts_on=self.terms.starts_on,
            minutes_per_week=self.terms.minutes_per_week,
        )
        return self._become(SIGNED, given, binding, signing=signing)

    def expire(self) -> tuple[Self, Told]:
        """Stop waiting for signatures."""
        if self.status is EXPIRED:
            return self, []
        left = list(self.signing.left) if self.signing else []
        return self._become(EXPIRED, self._tell(ContractExpired, left=left))

    def cancel(self, reason: CancelledReason) -> tuple[Self, Told]:
        """End it before it was signed."""
        if self.status is CANCELLED:
            return self, []
        return self._become(CANCELLED, self._tell(ContractCancelled, reason=reason), reason=reason)

    def lose_proposal(self) -> tuple[Self, Told]:
        """Cancel what can no longer be used, as its proposal lapsed; what everybody signed binds all the same."""
        return self.cancel("proposal_lapsed") if self.status in UNSIGNED else (self, [])

    def _offer(self, signing: Signing, decision: Decision) -> tuple[Self, Told]:
        event = self._told(
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
        return self._become(SIGNING, event, decision=decision, signing=signing, documents=signing.version)
