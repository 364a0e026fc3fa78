"""How a trainer is written down by a caller, and what a caller sees."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from common import inputs
from common.web import Command, DayWithin, Line, MailAddress, Moment, PersonName, PlannedDay, View
from common.web.fields import Code, SlotBody, SpokenLanguage
from events.words import Absence, Form, SchoolType, TeachingRole
from registry.fields import Minutes, Postcode, SlotView
from registry.given_word.views import OnTheirWord, WordGivenView
from registry.trainer.model.person import Person
from registry.trainer.model.profile import Profile
from registry.trainer.model.trainer import LeftReason, Status, Trainer
from registry.trainer.views.qualification import QualificationView

VogDay = Annotated[date, DayWithin(inputs.VOG_ISSUED)]
"""No later than today: nobody sees a certificate that is not there yet."""


class TrainerBody(OnTheirWord):
    """A person who applies to become a trainer."""

    name: PersonName
    email: MailAddress
    language: Literal["nl", "en"] = "nl"
    postcode: Postcode
    company_id: UUID | None = None
    """Null for who works for themselves."""
    was_trainer_before: bool = False
    """Own declaration: taught beside a job before the programme's baseline date.

    It stays as first said; another declaration is refused.
    """

    def person(self) -> Person:
        """Return who it is."""
        return Person(name=self.name, email=self.email, language=self.language, postcode=self.postcode)


class AbsenceBody(Command):
    """Days on which a trainer is away, the first and the last included; without the reason."""

    from_: Annotated[PlannedDay, Field(alias="from")]
    until: PlannedDay


class ProfileBody(OnTheirWord):
    """A trainer's profile; gaps are allowed until they may be proposed."""

    trades: Annotated[tuple[Code, ...], Field(max_length=30)] = ()
    school_types: Annotated[tuple[SchoolType, ...], Field(max_length=5)] = ()
    roles: Annotated[tuple[TeachingRole, ...], Field(max_length=6)] = ()
    """Wanted roles; none named is any."""
    forms: Annotated[tuple[Form, ...], Field(max_length=4)] = ()
    """Acceptable forms, preferred first."""
    availability: Annotated[tuple[SlotBody, ...], Field(max_length=50)] = ()
    desired_minutes_per_week: Minutes = 0
    desired_months: Annotated[int, Field(ge=1, le=600)] | None = None
    travel_km: Annotated[int, Field(ge=0, le=500)] = 0
    """How far they travel at most, one way and by road."""
    languages: Annotated[tuple[SpokenLanguage, ...], Field(max_length=20)] = ()
    """In which they can teach."""
    company_minutes_per_week: Minutes = 0
    company_days: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(max_length=7)] = ()
    in_training: bool = False
    experience_years: Annotated[int, Field(ge=0, le=80)] = 0
    crkbo_registered: bool = False
    quiet_weeks: Annotated[tuple[PlannedDay, ...], Field(max_length=12)] = ()
    """Mondays of the weeks in which matching does not ask."""
    absences: Annotated[tuple[AbsenceBody, ...], Field(max_length=20)] = ()
    """When they are away, whatever the week offers; days in school holidays may be left out."""

    def profile(self) -> Profile:
        """Return the offer."""
        same = ProfileBody.model_fields.keys() - {"availability", "absences", "on_their_word"}
        return Profile(
            **{name: getattr(self, name) for name in same},
            availability=tuple(slot.slot() for slot in self.availability),
            absences=tuple(Absence(from_=each.from_, until=each.until) for each in self.absences),
        )


class ConsentBody(OnTheirWord):
    """Until when somebody agrees to be in the talent pool."""

    until: PlannedDay


class VogBody(Command):
    """A certificate of conduct that was shown: dates and who saw it, never the document."""

    issued_on: VogDay
    shown_on: VogDay
    seen_by: Line
    """A function or pseudonym."""


class LeaveBody(OnTheirWord):
    """Why somebody leaves."""

    reason: LeftReason


class AbsenceView(View):
    """Days on which a trainer is away, the first and the last included."""

    from_: Annotated[date, Field(alias="from")]
    until: date


class ProfileView(View):
    """A trainer's profile."""

    trades: list[str]
    school_types: list[SchoolType]
    roles: list[TeachingRole]
    """Wanted roles; none named is any."""
    forms: list[Form]
    availability: list[SlotView]
    desired_minutes_per_week: int
    desired_months: int | None
    travel_km: int
    languages: list[str]
    company_minutes_per_week: int
    company_days: list[int]
    in_training: bool
    experience_years: int
    crkbo_registered: bool
    quiet_weeks: list[date]
    """Mondays of the weeks in which matching does not ask."""
    absences: list[AbsenceView]


class VogView(View):
    """A certificate of conduct."""

    issued_on: date
    shown_on: date
    seen_by: str


class VogShownView(View):
    """The noted VOG, and nothing else of the trainer: not even a version, which counts what they do elsewhere."""

    id: UUID
    """Of the trainer."""
    vog: VogView


class EmployerAgreementBody(Command):
    """How far the employer agrees."""

    minutes_per_week: Annotated[Minutes, Field(ge=1)] | None = None
    """For so many minutes a week in all the company lets its employee teach; null names no limit."""


class MergeBody(Command):
    """Which record of the same person stays."""

    into: UUID


class TrainerView(View):
    """A trainer, without name."""

    id: UUID
    version: int
    status: Status
    applied_at: Moment
    region: str
    company_id: UUID | None
    employer_agreed: bool
    employer_minutes_per_week: int | None = Field(None, validation_alias="employer_minutes")
    """The limit of the employer for all teaching, in minutes a week; null: it named none."""
    was_trainer_before: bool
    consent_until: date | None
    profile: ProfileView | None
    vog: VogView | None
    left_on: date | None
    left_reason: LeftReason | None
    """For the person and the desk."""
    merged_into: UUID | None
    """The record of the same person that stays."""
    possible_duplicates: tuple[UUID, ...] = ()
    """Other records with the same address, or name and postcode; only a desk is shown them."""


class PersonView(View):
    """The person."""

    name: str
    email: str
    language: str
    postcode: str


class TrainerPersonView(TrainerView):
    """A trainer with name; null once forgotten, and for a company that is not confirmed yet."""

    person: PersonView | None
    missing: list[str]
    """What must still happen before they can be available."""
    qualifications: list[QualificationView]


class ErasedView(View):
    """One service's confirmation; null is still owed."""

    service: str
    confirmed_at: Moment | None
    rows: int | None


class ErasureView(View):
    """How far a person is forgotten."""

    trainer_id: UUID
    complete: bool
    services: list[ErasedView]


class EngagementView(View):
    """A signed contract, as far as the registry knows."""

    contract_id: UUID
    vacancy_id: UUID
    signed_on: date
    ended_on: date | None
    fell_away: bool


class ProcessingView(View):
    """One reading of the data: by whom, when and why."""

    read_at: Annotated[Moment, Field(validation_alias="start_time")]
    actor: str
    operation_name: str
    processing_activity_id: str


class ExportView(View):
    """Everything that the registry keeps of a person."""

    exported_at: Moment
    trainer: TrainerPersonView
    contracts: list[EngagementView]
    processings: list[ProcessingView]
    """The latest; all of them are a list of their own."""
    words_given: list[WordGivenView]
    """What a desk did on the person's word."""


def without_name(trainer: Trainer, possible_duplicates: tuple[UUID, ...]) -> TrainerView:
    """Return a trainer as a list shows them."""
    return TrainerView.model_validate(trainer).model_copy(update={"possible_duplicates": possible_duplicates})


def with_name(trainer: Trainer, qualifications: list[Any], *, missing: Collection[str]) -> TrainerPersonView:
    """Return a trainer with everything that makes a person."""
    same = {name: getattr(trainer, name) for name in TrainerView.model_fields if hasattr(trainer, name)}
    return TrainerPersonView.model_validate(
        {**same, "person": trainer.person, "missing": list(missing), "qualifications": qualifications}
    )
