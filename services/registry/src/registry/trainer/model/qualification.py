"""A qualification: claimed by the trainer, checked by somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from common.errors import Conflict, Refused
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

NEXT: Final[Mapping[Status, frozenset[Status]]] = {
    CLAIMED: frozenset({EVIDENCE_SUBMITTED}),
    EVIDENCE_SUBMITTED: frozenset({IN_REVIEW}),
    IN_REVIEW: frozenset({VERIFIED, REJECTED}),
    VERIFIED: frozenset({EXPIRED, REVOKED}),
    REJECTED: frozenset({EVIDENCE_SUBMITTED}),
    EXPIRED: frozenset(),
    REVOKED: frozenset(),
}

_UNDECIDED: Final = frozenset({CLAIMED, EVIDENCE_SUBMITTED, IN_REVIEW})


class NotPossible(Conflict):
    """A qualification that is {status} cannot become {wanted}."""


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
        """What a trainer can show is the trainer's own."""
        return Parties(trainer=self.trainer_id)

    def claim(self) -> tuple[Qualification, list[Event]]:
        """Say to hold it."""
        return self, [self._told(QualificationClaimed)]

    def submit_evidence(self, evidence: str) -> tuple[Qualification, list[Event]]:
        """Hand in evidence, again after a rejection."""
        if self.status is EVIDENCE_SUBMITTED and self.evidence == evidence:
            return self, []
        event = self._told(QualificationEvidenceSubmitted)
        return self._become(EVIDENCE_SUBMITTED, event, evidence=evidence, rejected_reason=None)

    def review(self) -> tuple[Qualification, list[Event]]:
        """Begin to check."""
        if self.status is IN_REVIEW:
            return self, []
        return self._become(IN_REVIEW, self._told(QualificationInReview))

    def verify(self, *, by: str, today: date, valid_until: date | None) -> tuple[Qualification, list[Event]]:
        """Find it right; ``valid_until`` is its last day."""
        if self.status is VERIFIED and self.valid_until == valid_until:
            return self, []
        self._check(VERIFIED)
        if valid_until is not None and valid_until < today:
            raise AlreadyOver
        event = self._told(QualificationVerified, valid_until=valid_until)
        return self._become(VERIFIED, event, verified_by=by, verified_on=today, valid_until=valid_until)

    def reject(self, reason: RejectedReason) -> tuple[Qualification, list[Event]]:
        """Find that the evidence does not show it."""
        if self.status is REJECTED and self.rejected_reason == reason:
            return self, []
        return self._become(REJECTED, self._told(QualificationRejected, reason=reason), rejected_reason=reason)

    def revoke(self) -> tuple[Qualification, list[Event]]:
        """Take it back."""
        if self.status is REVOKED:
            return self, []
        return self._become(REVOKED, self._told(QualificationRevoked))

    def expire(self, today: date) -> tuple[Qualification, list[Event]]:
        """Lose it after its last day; whatever is no longer verified has nothing to lose."""
        if self.status is not VERIFIED or self.valid_until is None or today <= self.valid_until:
            return self, []
        return self._become(EXPIRED, self._told(QualificationExpired))

    def _told(self, event: type[QualificationEvent], **more: Any) -> QualificationEvent:
        return event(
            qualification_id=self.id, trainer_id=self.trainer_id, code=self.code.value, subject=self.subject, **more
        )

    def _become(self, wanted: Status, event: Event, **changes: Any) -> tuple[Qualification, list[Event]]:
        self._check(wanted)
        return replace(self, status=wanted, **changes), [event]

    def _check(self, wanted: Status) -> None:
        if wanted not in NEXT[self.status]:
            raise NotPossible(status=self.status.value, wanted=wanted.value)


def held(qualifications: Iterable[Qualification]) -> list[HeldQualification]:
    """Return what a profile shows: verified ones, and claims that nobody has decided yet."""
    return [
        HeldQualification(
            code=one.code.value, subject=one.subject, verified=one.status is VERIFIED, valid_until=one.valid_until
        )
        for one in qualifications
        if one.status is VERIFIED or one.status in _UNDECIDED
    ]
