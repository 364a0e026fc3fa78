"""A contract at work: assignments, hours, and where a cap is lifted."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.web import Command, PlannedDay, View
from contracts.model import assignment, hour_line
from contracts.routes.views.decisions import FindingView
from events.words import Form, SchoolType, TeachingRole


class InterruptionView(View):
    """Days without lessons."""

    interrupted_on: date
    """The first of them."""
    resumed_on: date | None
    """The first day with lessons again; null while the work stands still."""


class AssignmentView(View):
    """A contract at work."""

    id: UUID
    version: int
    status: assignment.Status
    contract_id: UUID
    vacancy_id: UUID
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
    started_on: date
    ended_on: date | None
    interrupted_on: date | None
    """Since when the work stands still; null while it goes on."""
    interruptions: list[InterruptionView]


class HourLineView(View):
    """The minutes of one day; negative ones take a line back."""

    id: UUID
    version: int
    status: hour_line.Status
    assignment_id: UUID
    contract_id: UUID
    trainer_id: UUID
    worked_on: date
    contact_minutes: int
    preparation_minutes: int
    travel_minutes: int
    group_size: int | None
    reverses: UUID | None
    rejected_reason: str | None
    policy_version: int | None
    findings: list[FindingView]


class OverrideView(View):
    """A cap that may be exceeded for a while; what was written about it is kept, but not repeated."""

    id: UUID
    trainer_id: UUID
    board_id: UUID
    owner: str
    starts_on: date
    ends_on: date


class Worked(Command):
    """What was worked on a day."""

    worked_on: PlannedDay
    contact_minutes: Annotated[int, Field(ge=0, le=1440)]
    preparation_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    travel_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    group_size: Annotated[int, Field(ge=1, le=1000)] | None = None

    def minutes(self) -> hour_line.Minutes:
        """Return it in the words of the model."""
        return hour_line.Minutes(**dict(self))
