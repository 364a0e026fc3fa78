"""How a vacancy is written down by a caller, and what a caller sees."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.web import Command, PlannedDay, View
from common.web.fields import Code, SlotBody, SpokenLanguage
from events.words import Form, SchoolType, TeachingRole
from registry.fields import FeeBody, FeeView, Minutes, SlotView
from registry.vacancy.model.terms import Terms
from registry.vacancy.model.vacancy import Status, WithdrawnReason


class VacancyBody(Command):
    """A vacancy of a school."""

    location_id: UUID
    """A location, or a school that has none of its own."""
    school_type: SchoolType
    role: TeachingRole
    subject: Code
    """A trade, subject or profile of the reference list."""
    minutes_per_week: Annotated[Minutes, Field(ge=1)]
    """Contact minutes."""
    preparation_minutes_per_week: Minutes = 0
    roster: Annotated[tuple[SlotBody, ...], Field(max_length=50)] | None = None
    """Null is flexible."""
    starts_on: PlannedDay
    ends_on: PlannedDay | None = None
    places: Annotated[int, Field(ge=1, le=100)] = 1
    supervisor_id: UUID | None = None
    """Your own pseudonym of the qualified teacher; mandatory for a guest lecturer."""
    forms: Annotated[tuple[Form, ...], Field(max_length=4)]
    """Acceptable forms, preferred first."""
    fee: FeeBody
    language: SpokenLanguage = "nl"
    structural: bool = False
    """Whether the lessons come back year after year."""
    statutory_lessons: bool = True
    """Whether they are part of the education that the school gives by law."""
    group_size: Annotated[int, Field(ge=1, le=1000)]
    upper_years: bool = False
    """Whether they are for the years for which grade 1 is asked."""
    days_without_lessons: Annotated[tuple[PlannedDay, ...], Field(max_length=40)] = ()
    """Days of the period on which the school gives no lessons, beside school holidays and public holidays."""
    publish: bool = True
    """False prepares a draft; it only counts for a new vacancy."""

    def terms(self) -> Terms:
        """Return what is asked."""
        same = Terms.__dataclass_fields__.keys() - {"roster", "fee"}
        return Terms(
            **{name: getattr(self, name) for name in same},
            roster=None if self.roster is None else tuple(slot.slot() for slot in self.roster),
            fee=self.fee.fee(),
        )


class WithdrawBody(Command):
    """Why a vacancy is taken back."""

    reason: WithdrawnReason


class VacancyView(View):
    """A vacancy of a school, and its status."""

    id: UUID
    version: int
    status: Status
    board_id: UUID
    school_id: UUID
    location_id: UUID
    region: str | None
    school_type: SchoolType
    role: TeachingRole
    subject: str
    minutes_per_week: int
    preparation_minutes_per_week: int
    roster: list[SlotView] | None
    starts_on: date
    ends_on: date | None
    places: int
    supervisor_id: UUID | None
    forms: list[Form]
    fee: FeeView
    language: str
    structural: bool
    statutory_lessons: bool
    group_size: int
    upper_years: bool
    days_without_lessons: list[date]
    withdrawn_reason: WithdrawnReason | None
