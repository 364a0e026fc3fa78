"""Assignments as they are shown."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from common.web import View
from contracts.assignment.model import assignment
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
