"""A qualification: claimed by the trainer, checked by somebody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from common.errors import Conflict, Refused
from common.lifecycle import LifeCycle
from events import Event
from events.parties import Parties
from events.registry import (
    QualificationClaimed,
    QualificationEvent,
    QualificationEvidenceSubmitted,
    QualificationExpired,
    QualificationInReview,
    QualificationRejected,
    QualificationRevoked,
    QualificationVerified,
)
from events.words import HeldQualification
from rules.qualification import Credential

RejectedReason: TypeAlias = Literal["unreadable", "incomplete", "not_recognised", "expired", "other"]


class Status(StrEnum):
    """How far the check is."""

    CLAIMED = "claimed"
    EVIDENCE_SUBMITTED = "evidence_submitted"
    IN_REVIEW = "in_review"
    VERIFIED = "verified"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REVOKED = "revoked"


CLAIMED, EVIDENCE_SUBMITTED, IN_REVIEW, VERIFIED, REJECTED, EXPIRED, REVOKED = Status


class NotPossible(Conflict):
    """A qualification that is {status} cannot become {wanted}."""


LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        CLAIMED: {EVIDENCE_SUBMITTED},
        EVIDENCE_SUBMITTED: {IN_REVIEW},
        IN_REVIEW: {VERIFIED, REJECTED},
        VERIFIED: {EXPIRED, REVOKED},
        REJECTED: {EVIDENCE_SUBMITTED},
    },
)

_UNDECIDED: Final = frozenset({CLAIMED, EVIDENCE_SUBMITTED, IN_REVIEW})


class AlreadyOver(Refused):
    """A qualification that is verified today is valid today as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """One credential of one trainer; the evidence is described, never kept."""

    id: UUID
    version: int = 0
    trainer_id: UUID
    status: Status = CLAIMED
    code: Credential
    subject: str | None = None
    """None where it is bound to none."""
    evidence: str | None = None
    """What was handed in, in words; scrubbed with the person."""
    verified_by: str | None = None
    """The checker, as a pseudonym."""
    verified_on: date | None = None
    valid_until: date | None = None
    rejected_reason: RejectedReason | None = None

    @property
    def case(self) -> UUID:
        """It is part of the trainer's case."""
        return self.trainer_id

    @property
    def parties(self) -> Parties:
        """The trainer alone."""
        return Parties(trainer=self.trainer_id)

    def claim(self) -> tuple[Qualification, list[Event]]:
        """Say to hold it."""
        return self, [self._event(QualificationClaimed)]

    def submit_evidence(self, evidence: str) -> tuple[Qualification, list[Event]]:
        """Hand in evidence, again after a rejection."""
        if self.status is EVIDENCE_SUBMITTED and self.evidence == evidence:
            return self, []
        event = self._event(QualificationEvidenceSubmitted)
        return LIFE_CYCLE.become(self, EVIDENCE_SUBMITTED, event, evidence=evidence, rejected_reason=None)

    def review(self) -> tuple[Qualification, list[Event]]:
        """Begin to check."""
        if self.status is IN_REVIEW:
            return self, []
        return LIFE_CYCLE.become(self, IN_REVIEW, self._event(QualificationInReview))

    def verify(self, *, by: str, today: date, valid_until: date | None) -> tuple[Qualification, list[Event]]:
        """Find it right; ``valid_until`` is its last day."""
        if self.status is VERIFIED and self.valid_until == valid_until:
            return self, []
        LIFE_CYCLE.check(self, VERIFIED)
        if valid_until is not None and valid_until < today:
            raise AlreadyOver
        event = self._event(QualificationVerified, valid_until=valid_until)
        return LIFE_CYCLE.become(self, VERIFIED, event, verified_by=by, verified_on=today, valid_until=valid_until)

    def reject(self, reason: RejectedReason) -> tuple[Qualification, list[Event]]:
        """Find that the evidence does not show it."""
        if self.status is REJECTED and self.rejected_reason == reason:
            return self, []
        event = self._event(QualificationRejected, reason=reason)
        return LIFE_CYCLE.become(self, REJECTED, event, rejected_reason=reason)

    def revoke(self) -> tuple[Qualification, list[Event]]:
        """Take it back."""
        if self.status is REVOKED:
            return self, []
        return LIFE_CYCLE.become(self, REVOKED, self._event(QualificationRevoked))

    def expire(self, today: date) -> tuple[Qualification, list[Event]]:
        """Lose it after its last day; whatever is no longer verified has nothing to lose."""
        if self.status is not VERIFIED or self.valid_until is None or today <= self.valid_until:
            return self, []
        return LIFE_CYCLE.become(self, EXPIRED, self._event(QualificationExpired))

    def _event(self, event: type[QualificationEvent], **more: Any) -> QualificationEvent:
        return event(
            qualification_id=self.id, trainer_id=self.trainer_id, code=self.code.value, subject=self.subject, **more
        )


def held(qualifications: Iterable[Qualification]) -> list[HeldQualification]:
    """Return what a profile shows: verified ones, and claims that nobody has decided yet."""
    return [
        HeldQualification(
            code=one.code.value, subject=one.subject, verified=one.status is VERIFIED, valid_until=one.valid_until
        )
        for one in qualifications
        if one.status is VERIFIED or one.status in _UNDECIDED
    ]
