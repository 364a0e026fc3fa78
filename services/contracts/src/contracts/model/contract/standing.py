"""What a contract is, and how it changes: by one transition of its table, which is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self, TypeAlias
from uuid import UUID

from contracts.model.contract_status import DRAFT, NEXT, NotPossible, Status
from contracts.model.decision import Decision
from contracts.model.extension import Extension
from contracts.model.signing import Signing
from contracts.model.terms import Lessons, Terms
from events import Event
from events.contracts import ContractEvent
from events.parties import Parties
from events.words import Finding, Form

Told: TypeAlias = list[Event]
"""What a transition tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One trainer's work at one school, as far as it was agreed."""

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

    @property
    def case(self) -> UUID:
        """From the proposal on everything belongs to the vacancy."""
        return self.vacancy_id

    @property
    def parties(self) -> Parties:
        """Trainer, school and, if there is one, employer."""
        return Parties.of(self)

    def _told(self, event: type[ContractEvent], decision: Decision, **more: Any) -> Event:
        """Tell something that a decision led to, with its reasons."""
        return self._tell(event, findings=list(decision.findings), policy_version=decision.policy_version, **more)

    def _tell(self, event: type[ContractEvent], **more: Any) -> Event:
        return event(
            contract_id=self.id,
            vacancy_id=self.vacancy_id,
            proposal_id=self.proposal_id,
            trainer_id=self.trainer_id,
            **more,
        )

    def _become(self, wanted: Status, *events: Event, **changes: Any) -> tuple[Self, Told]:
        self._check(wanted)
        return replace(self, status=wanted, **changes), list(events)

    def _check(self, wanted: Status) -> None:
        if wanted not in NEXT[self.status]:
            raise NotPossible(status=self.status.value, wanted=wanted.value)
