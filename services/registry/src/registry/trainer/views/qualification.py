"""How a qualification is written down by a caller, and what a caller sees."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from common import inputs
from common.web import Command, DayWithin, FreeText, View
from common.web.fields import Code
from registry.trainer.model.qualification import RejectedReason, Status
from rules.qualification import Credential


class ClaimBody(Command):
    """A qualification that a trainer says to hold."""

    code: Credential
    subject: Code | None = None
    """Null where it is bound to none."""
    evidence: FreeText | None = None
    """What is handed in, in words; with it the check can begin. The document itself is not kept."""


class EvidenceBody(Command):
    """The evidence, described in words."""

    evidence: FreeText


class VerifyBody(Command):
    """The last day of a verified qualification, if it has one."""

    valid_until: Annotated[date, DayWithin(inputs.CERTIFIED)] | None = None


class RejectBody(Command):
    """Why the evidence does not do."""

    reason: RejectedReason


class QualificationView(View):
    """A qualification and how far its check is."""

    id: UUID
    version: int
    trainer_id: UUID
    status: Status
    code: Credential
    subject: str | None
    evidence: str | None
    verified_on: date | None
    valid_until: date | None
    rejected_reason: RejectedReason | None
