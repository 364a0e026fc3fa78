"""What is agreed on: as it is shown, and as it is given."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.web import ClockTime, Command, PlannedDay, View
from contracts.model.terms import Declared, Terms
from events.words import Fee, FeeBasis, FeeKind, Party, SchoolType, Slot, TeachingRole

Cents = Annotated[int, Field(ge=0, le=100_000_000)]


WeekMinutes = Annotated[int, Field(ge=0, le=10_080)]


class SlotView(View):
    """A weekly hour in Europe/Amsterdam; ISO weekday 1 (Monday) to 7."""

    day: int
    starts_time: ClockTime = Field(validation_alias="starts")
    ends_time: ClockTime = Field(validation_alias="ends")


class FeeView(View):
    """What the school pays, in cents without VAT."""

    kind: FeeKind
    cents: int
    basis: FeeBasis | None


class DeclaredView(View):
    """What the parties answer for."""

    gross_wage_cents: int | None
    indispensable: bool
    not_competing: bool
    jointly_provided: bool
    pupil_facing: bool
    in_company_time: bool
    on_payroll: bool
    free_substitution: bool | None
    free_content: bool | None
    other_clients: bool | None


class TermsView(View):
    """What was agreed; minutes a week, cents without VAT."""

    starts_on: date
    ends_on: date | None
    minutes_per_week: int
    preparation_minutes_per_week: int
    max_minutes_per_school_year: int | None
    roster: list[SlotView] | None
    supervisor_id: UUID | None
    fee: FeeView
    travel_cents_per_km: int | None
    payroll_tax_credit: Party | None
    notice_months: int | None
    declared: DeclaredView


class LessonsView(View):
    """What is taught."""

    role: TeachingRole
    school_type: SchoolType
    subject: str
    upper_years: bool
    structural: bool
    statutory_lessons: bool
    group_size: int
    language: str


class SlotGiven(Command):
    """A weekly hour in Europe/Amsterdam; one that ends no later than it starts ends next day."""

    day: int = Field(ge=1, le=7)
    starts_time: ClockTime
    ends_time: ClockTime

    def slot(self) -> Slot:
        """Return it in the words of the model."""
        return Slot(day=self.day, starts=self.starts_time, ends=self.ends_time)


class FeeGiven(Command):
    """What the school pays, in cents without VAT."""

    kind: FeeKind
    cents: Cents
    basis: FeeBasis | None = None

    def fee(self) -> Fee:
        """Return it in the words of the model."""
        return Fee(kind=self.kind, cents=self.cents, basis=self.basis)


class DeclaredGiven(Command):
    """What the parties answer for; what is left out counts as the riskier answer."""

    gross_wage_cents: Cents | None = None
    indispensable: bool = False
    not_competing: bool = False
    jointly_provided: bool = False
    pupil_facing: bool = True
    in_company_time: bool = False
    on_payroll: bool = False
    free_substitution: bool | None = None
    free_content: bool | None = None
    other_clients: bool | None = None

    def declared(self) -> Declared:
        """Return it in the words of the model."""
        return Declared(**dict(self))


class TermsGiven(Command):
    """All the terms, as they are to be from now on."""

    starts_on: PlannedDay
    ends_on: PlannedDay | None = None
    minutes_per_week: WeekMinutes
    preparation_minutes_per_week: WeekMinutes = 0
    max_minutes_per_school_year: Annotated[int, Field(ge=1, le=525_600)] | None = None
    roster: Annotated[tuple[SlotGiven, ...], Field(max_length=50)] | None = None
    supervisor_id: UUID | None = None
    fee: FeeGiven
    travel_cents_per_km: Annotated[int, Field(ge=0, le=10_000)] | None = None
    payroll_tax_credit: Party | None = None
    notice_months: Annotated[int, Field(ge=0, le=24)] | None = None
    declared: DeclaredGiven = DeclaredGiven()

    def terms(self) -> Terms:
        """Return them in the words of the model."""
        return Terms(
            **{
                **dict(self),
                "roster": None if self.roster is None else tuple(slot.slot() for slot in self.roster),
                "fee": self.fee.fee(),
                "declared": self.declared.declared(),
            }
        )
