"""A later end for a contract at work: judged and signed again, while the work goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Self

from contracts.model.contract.standing import Standing, Told
from contracts.model.contract_status import ACTIVE, NoLaterEnd, NotPossible
from contracts.model.decision import Decision, Ruling
from contracts.model.extension import Extension
from contracts.model.signing import Signing
from events import Event
from events.contracts import (
    ContractExtended,
    ContractExtensionExpired,
    ContractExtensionOffered,
    ContractExtensionRefused,
    ContractHeldForReview,
    SignatureGiven,
)
from events.words import Party


class Extending(Standing):
    """A contract whose end may be put off."""

    __slots__ = ()

    def must_allow_end(self, ends_on: date) -> None:
        """Check that the contract is at work and would end later.

        Raises:
            NotPossible: it is not at work.
            NoLaterEnd: it has no end, or ends later already.
        """
        if self.status is not ACTIVE:
            raise NotPossible(status=self.status.value, wanted="extended")
        if self.terms.ends_on is None or ends_on <= self.terms.ends_on:
            raise NoLaterEnd(ends_on=str(self.terms.ends_on))

    def extend(self, ends_on: date, decision: Decision, signing: Signing) -> tuple[Self, Told]:
        """Propose a later end, as the checks decided; an earlier proposal of that kind is replaced."""
        self.must_allow_end(ends_on)
        extension = Extension(ends_on=ends_on, decision=decision, signing=None)
        if decision.ruling is Ruling.PASSED:
            return self._offer_extension(extension, signing)
        if decision.ruling is Ruling.HELD:
            return replace(self, extension=extension), [self._told(ContractHeldForReview, decision)]
        return replace(self, extension=None), [self._refused(extension)]

    def give_up_extension(self) -> tuple[Self, Told]:
        """Stop waiting for signatures under an extension."""
        if self.extension is None or self.extension.signing is None:
            return self, []
        event = self._tell(ContractExtensionExpired, left=list(self.extension.signing.left))
        return replace(self, extension=None), [event]

    def _offer_extension(self, extension: Extension, signing: Signing) -> tuple[Self, Told]:
        event = self._told(
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

    def _sign_extension(self, extension: Extension, signing: Signing, by: Party, at: datetime) -> tuple[Self, Told]:
        if self.status is not ACTIVE:
            raise NotPossible(status=self.status.value, wanted="extended")
        taken = signing.sign(by, signing.hash, at)
        if taken is signing:
            return self, []
        given = self._tell(SignatureGiven, party=by, document_hash=taken.hash, left=list(taken.left))
        if taken.left:
            return replace(self, extension=replace(extension, signing=taken)), [given]
        extended = self._tell(
            ContractExtended, document_version=taken.version, document_hash=taken.hash, ends_on=extension.ends_on
        )
        return self._become(
            ACTIVE,
            given,
            extended,
            terms=replace(self.terms, ends_on=extension.ends_on),
            decision=extension.decision,
            signing=taken,
            extension=None,
        )

    def _refused(self, extension: Extension) -> Event:
        return self._told(ContractExtensionRefused, extension.decision, ends_on=extension.ends_on)
