"""Vacancies over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.caller import FOR_SCHOOLS, CallerRole
from common.persistence.paging import Paged
from common.web import Caller, Command, InTx, Page, Paging, PlannedDay, Router, View, creates_resource, roles, scope
from events.words import Form, SchoolType, TeachingRole
from registry.model.terms import Site, Terms
from registry.model.vacancy import Status, Vacancy, WithdrawnReason
from registry.queries import vacancies as found
from registry.routes.words import (
    Code,
    FeeBody,
    FeeView,
    Minutes,
    SlotBody,
    SlotView,
    SpokenLanguage,
    check_chosen,
    new_id,
)
from registry.routes.writing import IfMatchWhereItExists
from registry.usecases import vacancies as usecases

router = Router(tags=["Vacancies"])
_WRITE = [scope("vacancies:write"), roles(*FOR_SCHOOLS, CallerRole.DESK)]


class VacancyBody(Command):
    """What a school asks."""

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
    """What a school asks, and how far it is."""

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
    withdrawn_reason: WithdrawnReason | None


@router.post("/vacancies", status_code=201, response_model=VacancyView, dependencies=_WRITE)
async def post(command: VacancyBody, caller: Caller, tx: InTx) -> Vacancy:
    """Ask for trainers, or prepare a draft."""
    return await _new(tx, new_id(), await _own_site(tx, caller, command), command)


@router.put("/vacancies/{vacancy_id}", response_model=VacancyView, dependencies=[*_WRITE, creates_resource()])
async def put(
    vacancy_id: UUID, command: VacancyBody, caller: Caller, tx: InTx, expected: IfMatchWhereItExists
) -> Vacancy:
    """Ask for trainers under an id of your own, or change a vacancy that is there (with If-Match)."""
    known = await found.own(tx, caller, vacancy_id)
    site = await _own_site(tx, caller, command)
    if known is None:
        return await _new(tx, check_chosen(vacancy_id, "vacancyId"), site, command)
    changed = await usecases.change(tx, known, site, command.terms())
    if changed.version != known.version:
        expected.check(known.version)
    return changed


@router.get("/vacancies", response_model=Page[VacancyView], dependencies=[scope("vacancies:read")])
async def find(
    caller: Caller, tx: InTx, paging: Paging, status: Status | None = None, school_id: UUID | None = None
) -> Paged[Vacancy]:
    """Find your vacancies."""
    return await found.page(tx, caller, paging, status=status, school_id=school_id)


@router.get("/vacancies/{vacancy_id}", response_model=VacancyView, dependencies=[scope("vacancies:read")])
async def show(vacancy_id: UUID, caller: Caller, tx: InTx) -> Vacancy:
    """Show a vacancy."""
    return await found.one(tx, caller, vacancy_id)


@router.post("/vacancies/{vacancy_id}/_publish", response_model=VacancyView, dependencies=_WRITE)
async def publish(vacancy_id: UUID, caller: Caller, tx: InTx) -> Vacancy:
    """Ask with a draft."""
    return await usecases.publish(tx, (await found.one(tx, caller, vacancy_id)).id)


@router.post("/vacancies/{vacancy_id}/_withdraw", response_model=VacancyView, dependencies=_WRITE)
async def withdraw(vacancy_id: UUID, command: WithdrawBody, caller: Caller, tx: InTx) -> Vacancy:
    """Take a vacancy back; open proposals end."""
    return await usecases.withdraw(tx, (await found.one(tx, caller, vacancy_id)).id, command.reason)


async def _own_site(tx: InTx, caller: Caller, command: VacancyBody) -> Site:
    site = await usecases.site_of(tx, command.location_id)
    caller.must_act_for(boards=site.board_id, schools=site.school_id, locations=site.location_id, regions=site.region)
    return site


async def _new(tx: InTx, id_: UUID, site: Site, command: VacancyBody) -> Vacancy:
    ask = usecases.post if command.publish else usecases.draft
    return await ask(tx, id_, site, command.terms())
