"""A line of hours: handed in, approved or sent back; approved hours are only corrected by a line against them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from common.decision import Outcome, Verdict
from common.errors import Conflict, Refused
from common.lifecycle import LifeCycle
from contracts.assignment.model.assignment import Assignment
from contracts.contract.model.findings import notable
from events import Event
from events.contracts import HoursApproved, HoursEvent, HoursRejected, HoursReversed, HoursRevised, HoursSubmitted
from events.parties import Parties
from events.words import Finding, SchoolType, TeachingRole

RejectedReason: TypeAlias = Literal["not_worked", "wrong_day", "wrong_minutes", "other"]
_A_DAY: Final = 24 * 60


class Status(StrEnum):
    """Where a line stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


DRAFT, SUBMITTED, APPROVED, REJECTED = Status


class NotPossible(Conflict):
    """Hours that are {status} cannot become {wanted}."""


LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        DRAFT: {SUBMITTED},
        SUBMITTED: {APPROVED, REJECTED},
        REJECTED: {DRAFT},
    },
)


class OutsideAssignment(Refused):
    """On {worked_on} this assignment was not at work."""


class NotWorkedYet(Refused):
    """Hours are handed in once they were worked; {worked_on} is still to come."""


class NotADay(Refused):
    """A day has between 1 and {most} minutes to hand in; these are {minutes}."""


class HoursAboveCap(Refused):
    """With these minutes the trainer would have taught {measured} of at most {limit} {unit} as a guest."""


class DayIsFull(Refused):
    """On {worked_on} the trainer's hours, wherever they were worked, would be more than {limit} minutes."""


class HandedInOtherwise(Conflict):
    """Other hours were handed in under this id; hours that were sent back are corrected on the line itself."""


class NotReversible(Conflict):
    """Only approved hours that are no correction themselves are taken back; these are {status}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """The work of one day."""

    worked_on: date
    contact_minutes: int
    preparation_minutes: int
    travel_minutes: int
    group_size: int | None = None

    def check(self, assignment: Assignment, today: date) -> None:
        """Check that the work can have been done.

        Raises:
            NotWorkedYet: the day is still to come.
            OutsideAssignment: there was no work on it.
            NotADay: it has no minutes, or more than a day has.
        """
        if self.worked_on > today:
            raise NotWorkedYet(worked_on=self.worked_on.isoformat())
        if not assignment.covers(self.worked_on):
            raise OutsideAssignment(worked_on=self.worked_on.isoformat())
        minutes = self.contact_minutes + self.preparation_minutes + self.travel_minutes
        if not 0 < minutes <= _A_DAY:
            raise NotADay(most=_A_DAY, minutes=minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourLine:
    """Minutes of one day; negative ones take a line back."""

    id: UUID
    version: int = 0
    status: Status = DRAFT
    assignment_id: UUID
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
    role: TeachingRole
    worked_on: date
    contact_minutes: int
    preparation_minutes: int
    travel_minutes: int
    group_size: int | None = None
    reverses: UUID | None = None
    """The line that this one takes back."""
    rejected_reason: str | None = None
    policy_version: int | None = None
    """Under which they were approved."""
    findings: tuple[Finding, ...] = ()

    @property
    def case(self) -> UUID:
        """The vacancy's."""
        return self.vacancy_id

    @property
    def parties(self) -> Parties:
        """Trainer, school and, if there is one, employer."""
        return Parties.of(self)

    @classmethod
    def of(cls, id_: UUID, assignment: Assignment, minutes: Minutes) -> HourLine:
        """Write a line for a day of an assignment."""
        return cls(
            id=id_,
            assignment_id=assignment.id,
            contract_id=assignment.contract_id,
            vacancy_id=assignment.vacancy_id,
            proposal_id=assignment.proposal_id,
            trainer_id=assignment.trainer_id,
            board_id=assignment.board_id,
            school_id=assignment.school_id,
            location_id=assignment.location_id,
            company_id=assignment.company_id,
            region=assignment.region,
            school_type=assignment.school_type,
            role=assignment.role,
            **_worked(minutes),
        )

    def submit(self, verdict: Verdict) -> Change:
        """Hand it in; what the verdict remarks is for whoever approves it."""
        if self.status is SUBMITTED:
            return self, []
        return LIFE_CYCLE.become(self, SUBMITTED, _event(self, HoursSubmitted), findings=notable(verdict.reasons))

    @property
    def spent(self) -> tuple[int, int, int]:
        """Contact, preparation and travel minutes."""
        return self.contact_minutes, self.preparation_minutes, self.travel_minutes

    def repeat(self, minutes: Minutes) -> HourLine:
        """Return the line if it has these minutes: what is handed in again under its id is the same or refused.

        Raises:
            HandedInOtherwise: it has others.
        """
        if replace(self, **_worked(minutes)) != self:
            raise HandedInOtherwise
        return self

    def approve(self, verdict: Verdict) -> Change:
        """Let them count, unless a limit says no.

        Raises:
            HoursAboveCap: the verdict blocks.
        """
        if self.status is APPROVED:
            return self, []
        LIFE_CYCLE.check(self, APPROVED)
        for reason in verdict.reasons:
            if reason.outcome is Outcome.BLOCK:
                raise HoursAboveCap(measured=str(reason.measured), limit=str(reason.limit), unit=reason.unit)
        return LIFE_CYCLE.become(
            self,
            APPROVED,
            _event(self, HoursApproved, region=self.region, school_type=self.school_type, role=self.role),
            policy_version=verdict.policy_version,
            findings=notable(verdict.reasons),
        )

    def reject(self, reason: RejectedReason) -> Change:
        """Send it back."""
        if self.status is REJECTED:
            return self, []
        return LIFE_CYCLE.become(self, REJECTED, _event(self, HoursRejected, reason=reason), rejected_reason=reason)

    def revise(self, minutes: Minutes) -> Change:
        """Correct what was sent back; it is then to be handed in again."""
        revised = replace(self, **_worked(minutes))
        return LIFE_CYCLE.become(self, DRAFT, _event(revised, HoursRevised), rejected_reason=None, **_worked(minutes))

    def reverse(self, id_: UUID) -> Change:
        """Write the line that takes this one back: approved at once, and never taken back itself.

        Raises:
            NotReversible: these hours do not count, or are a correction.
        """
        if self.status is not APPROVED or self.reverses is not None:
            raise NotReversible(status="a correction" if self.reverses else self.status.value)
        line = replace(
            self,
            id=id_,
            version=0,
            reverses=self.id,
            contact_minutes=-self.contact_minutes,
            preparation_minutes=-self.preparation_minutes,
            travel_minutes=-self.travel_minutes,
            findings=(),
        )
        counted = {"region": self.region, "school_type": self.school_type, "role": self.role}
        return line, [_event(line, HoursReversed, reverses=self.id, **counted)]


def _event(line: HourLine, event: type[HoursEvent], **more: Any) -> Event:
    return event(
        contract_id=line.contract_id,
        vacancy_id=line.vacancy_id,
        proposal_id=line.proposal_id,
        trainer_id=line.trainer_id,
        hour_line_id=line.id,
        assignment_id=line.assignment_id,
        worked_on=line.worked_on,
        contact_minutes=line.contact_minutes,
        preparation_minutes=line.preparation_minutes,
        travel_minutes=line.travel_minutes,
        **more,
    )


def _worked(minutes: Minutes) -> dict[str, Any]:
    return {
        "worked_on": minutes.worked_on,
        "contact_minutes": minutes.contact_minutes,
        "preparation_minutes": minutes.preparation_minutes,
        "travel_minutes": minutes.travel_minutes,
        "group_size": minutes.group_size,
    }


Change: TypeAlias = tuple[HourLine, list[Event]]
"""What a transition returns: the new state and its events."""
