"""Hour lines as they are shown, and hours as they are handed in."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.web import Command, PlannedDay, View
from contracts.contract.views import FindingView
from contracts.hour_line.model import hour_line


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


class Worked(Command):
    """The work of one day."""

    worked_on: PlannedDay
    contact_minutes: Annotated[int, Field(ge=0, le=1440)]
    preparation_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    travel_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    group_size: Annotated[int, Field(ge=1, le=1000)] | None = None

    def minutes(self) -> hour_line.Minutes:
        """Return it in the words of the model."""
        return hour_line.Minutes(**dict(self))
