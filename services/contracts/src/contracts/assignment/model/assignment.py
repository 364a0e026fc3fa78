"""An assignment: a signed contract at work, which hours are handed in for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeAlias
from uuid import UUID

from common.errors import Conflict
from common.lifecycle import LifeCycle
from contracts.contract.model.contract import Contract
from events import Event
from events.contracts import (
    AssignmentEnded,
    AssignmentEvent,
    AssignmentInterrupted,
    AssignmentResumed,
    AssignmentStarted,
)
from events.parties import Parties
from events.words import Form, SchoolType, TeachingRole


class Status(StrEnum):
    """Where an assignment stands."""

    PLANNED = "planned"
    ACTIVE = "active"
    INTERRUPTED = "interrupted"
    COMPLETED = "completed"
    ENDED_EARLY = "ended_early"


PLANNED, ACTIVE, INTERRUPTED, COMPLETED, ENDED_EARLY = Status


class NotPossible(Conflict):
    """An assignment that is {status} cannot become {wanted}."""


LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        PLANNED: {ACTIVE},
        ACTIVE: {INTERRUPTED, COMPLETED, ENDED_EARLY},
        INTERRUPTED: {ACTIVE, COMPLETED, ENDED_EARLY},
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """Days without lessons: from the first one until the day on which the work goes on, which is None till then."""

    interrupted_on: date
    resumed_on: date | None = None

    def covers(self, day: date) -> bool:
        """Whether there were no lessons on that day."""
        return self.interrupted_on <= day and (self.resumed_on is None or day < self.resumed_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The work under one contract; both days are included, and it has no last day while it goes on."""

    id: UUID
    version: int = 0
    status: Status = PLANNED
    contract_id: UUID
    vacancy_id: UUID
    proposal_id: UUID
    trainer_id: UUID
    board_id: UUID
    school_id: UUID
    location_id: UUID
    company_id: UUID | None
    region: str | None
    school_type: SchoolType
    form: Form
    role: TeachingRole
    ground: str | None
    """On which the trainer may teach; its limits hold for every hour."""
    started_on: date
    ended_on: date | None = None
    interruptions: tuple[Interruption, ...] = ()
    """In order of time; only the last one may still go on."""

    @property
    def interrupted_on(self) -> date | None:
        """Since when the work stands still; None while it goes on."""
        last = self.interruptions[-1] if self.interruptions else None
        return last.interrupted_on if last and last.resumed_on is None else None

    @property
    def case(self) -> UUID:
        """The vacancy's."""
        return self.vacancy_id

    @property
    def parties(self) -> Parties:
        """Trainer, school and, if there is one, employer."""
        return Parties.of(self)

    @classmethod
    def plan(cls, id_: UUID, contract: Contract, starts_on: date) -> Assignment:
        """Plan the work of a contract."""
        return cls(
            id=id_,
            contract_id=contract.id,
            vacancy_id=contract.vacancy_id,
            proposal_id=contract.proposal_id,
            trainer_id=contract.trainer_id,
            board_id=contract.board_id,
            school_id=contract.school_id,
            location_id=contract.location_id,
            company_id=contract.company_id,
            region=contract.region,
            school_type=contract.lessons.school_type,
            form=contract.form,
            role=contract.lessons.role,
            ground=contract.decision.ground if contract.decision else None,
            started_on=starts_on,
        )

    def start(self) -> Change:
        """Begin on the first day."""
        if self.status is ACTIVE:
            return self, []
        LIFE_CYCLE.must_be(self, PLANNED, wanted=ACTIVE)
        event = self._event(
            AssignmentStarted,
            started_on=self.started_on,
            region=self.region,
            school_type=self.school_type,
            form=self.form,
            role=self.role,
        )
        return LIFE_CYCLE.become(self, ACTIVE, event)

    def interrupt(self, on: date) -> Change:
        """Stop for a while; that day is the first without lessons."""
        if self.status is INTERRUPTED:
            return self, []
        before, first = self.interruptions, on
        if before and before[-1].resumed_on == on:  # it had not gone on for a whole day: it is the same interruption
            before, first = before[:-1], before[-1].interrupted_on
        interruptions = (*before, Interruption(interrupted_on=first))
        event = self._event(AssignmentInterrupted, interrupted_on=on)
        return LIFE_CYCLE.become(self, INTERRUPTED, event, interruptions=interruptions)

    def resume(self, on: date) -> Change:
        """Go on; that day is the first with lessons again. Days in between stay days without."""
        if self.status is ACTIVE:
            return self, []
        LIFE_CYCLE.must_be(self, INTERRUPTED, wanted=ACTIVE)
        *before, last = self.interruptions
        interruptions = (*before, replace(last, resumed_on=on)) if last.interrupted_on < on else tuple(before)
        event = self._event(AssignmentResumed, resumed_on=on)
        return LIFE_CYCLE.become(self, ACTIVE, event, interruptions=interruptions)

    def end(self, on: date, *, early: bool) -> Change:
        """End with that day."""
        wanted = ENDED_EARLY if early else COMPLETED
        if self.status is wanted:
            return self, []
        return LIFE_CYCLE.become(self, wanted, self._event(AssignmentEnded, ended_on=on, early=early), ended_on=on)

    def covers(self, day: date) -> bool:
        """Whether lessons may have been given on that day."""
        stopped = any(interruption.covers(day) for interruption in self.interruptions)
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on) and not stopped

    def _event(self, event: type[AssignmentEvent], **more: Any) -> Event:
        return event(
            contract_id=self.contract_id,
            vacancy_id=self.vacancy_id,
            proposal_id=self.proposal_id,
            trainer_id=self.trainer_id,
            assignment_id=self.id,
            **more,
        )


Change: TypeAlias = tuple[Assignment, list[Event]]
"""What a transition returns: the new state and its events."""
