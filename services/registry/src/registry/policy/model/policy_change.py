"""A change of a rule: one person proposes it, another one approves it, and only then it is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from common.errors import Conflict, Forbidden
from common.policy import PolicyRow
from events import Event
from events.parties import Parties
from events.registry import PolicyChangeApproved, PolicyChangeProposed, PolicyChangeRejected


class Status(StrEnum):
    """How far a change is; an approved one is published in the same moment."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


PROPOSED, APPROVED, REJECTED = Status


class ApprovedByProposer(Forbidden):
    """Another person approves a change than the one who proposed it, whichever client or token they use."""


class DecidedAlready(Conflict):
    """This change is {status} already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """One row that a rule should get, with who proposed it and who decided."""

    id: UUID
    version: int = 0
    status: Status = PROPOSED
    code: str
    valid_from: date
    valid_until: date | None
    value: Mapping[str, Any]
    source: str
    verified: bool
    verified_by: str | None = None
    """Who compared it with the text of the day, as a function."""
    verified_on: date | None = None
    proposed_by: str
    """The subject of the token: a pseudonym that stays the same in every client."""
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def case(self) -> UUID:
        """A change is a case of its own."""
        return self.id

    @property
    def parties(self) -> Parties:
        """No parties: a rule holds for everybody."""
        return Parties()

    @property
    def row(self) -> PolicyRow:
        """The row that is proposed; publishing gives it its version."""
        return PolicyRow(
            code=self.code,
            version=0,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            value=self.value,
            source=self.source,
            verified=self.verified,
            verified_by=self.verified_by,
            verified_on=self.verified_on,
        )

    def propose(self) -> tuple[PolicyChange, list[Event]]:
        """Ask for it."""
        return self, [PolicyChangeProposed(**self._facts())]

    def approve(self, by: str, at: datetime) -> tuple[PolicyChange, list[Event]]:
        """Agree to it, as another person than the one who proposed it.

        Raises:
            ApprovedByProposer: it is the same person.
            DecidedAlready: somebody has approved or rejected it.
        """
        if by == self.proposed_by:
            raise ApprovedByProposer
        return self._decided(APPROVED, by, at), [PolicyChangeApproved(**self._facts())]

    def reject(self, by: str, at: datetime) -> tuple[PolicyChange, list[Event]]:
        """Turn it down; the person who proposed it may as well.

        Raises:
            DecidedAlready: somebody has approved or rejected it.
        """
        return self._decided(REJECTED, by, at), [PolicyChangeRejected(**self._facts())]

    def _decided(self, status: Status, by: str, at: datetime) -> PolicyChange:
        if self.status is not PROPOSED:
            raise DecidedAlready(status=self.status.value)
        return replace(self, status=status, decided_by=by, decided_at=at)

    def _facts(self) -> dict[str, Any]:
        return {"change_id": self.id, "code": self.code, "valid_from": self.valid_from}
