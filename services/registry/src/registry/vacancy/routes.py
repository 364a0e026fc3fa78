"""Vacancies over HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from common.caller import FOR_SCHOOLS, CallerRole
from common.persistence.paging import Paged
from common.web import Caller, InTx, Page, Paging, Router, creates_resource, roles, scope
from registry.fields import check_chosen, new_id
from registry.if_match import IfMatchWhereItExists
from registry.vacancy import queries, usecases
from registry.vacancy.model.terms import Site
from registry.vacancy.model.vacancy import Status, Vacancy
from registry.vacancy.views import VacancyBody, VacancyView, WithdrawBody

router = Router(tags=["Vacancies"])
_WRITE = [scope("vacancies:write"), roles(*FOR_SCHOOLS, CallerRole.DESK)]


@router.post("/vacancies", status_code=201, response_model=VacancyView, dependencies=_WRITE)
async def post(
    command: VacancyBody,
    caller: Caller,
    tx: InTx,
    response: Response,
    dry_run: Annotated[bool, Query(description="Only check it, and answer 200 with what it would be.")] = False,  # noqa: FBT002 - a query
) -> Vacancy:
    """Ask for trainers, or prepare a draft."""
    site = await _own_site(tx, caller, command)
    if dry_run:
        response.status_code = HTTPStatus.OK.value
        check_it = usecases.would_post if command.publish else usecases.would_draft
        return (await check_it(tx, new_id(), site, command.terms()))[0]
    return await _new(tx, new_id(), site, command)


@router.put("/vacancies/{vacancy_id}", response_model=VacancyView, dependencies=[*_WRITE, creates_resource()])
async def put(
    vacancy_id: UUID, command: VacancyBody, caller: Caller, tx: InTx, expected: IfMatchWhereItExists
) -> Vacancy:
    """Ask for trainers under an id of your own, or change a vacancy that is there (with If-Match)."""
    known = await queries.own(tx, caller, vacancy_id)
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
    return await queries.page(tx, caller, paging, status=status, school_id=school_id)


@router.get("/vacancies/{vacancy_id}", response_model=VacancyView, dependencies=[scope("vacancies:read")])
async def show(vacancy_id: UUID, caller: Caller, tx: InTx) -> Vacancy:
    """Show a vacancy."""
    return await queries.one(tx, caller, vacancy_id)


@router.post("/vacancies/{vacancy_id}/_publish", response_model=VacancyView, dependencies=_WRITE)
async def publish(vacancy_id: UUID, caller: Caller, tx: InTx) -> Vacancy:
    """Ask with a draft."""
    return await usecases.publish(tx, (await queries.one(tx, caller, vacancy_id)).id)


@router.post("/vacancies/{vacancy_id}/_withdraw", response_model=VacancyView, dependencies=_WRITE)
async def withdraw(vacancy_id: UUID, command: WithdrawBody, caller: Caller, tx: InTx) -> Vacancy:
    """Take a vacancy back; open proposals end."""
    return await usecases.withdraw(tx, (await queries.one(tx, caller, vacancy_id)).id, command.reason)


async def _own_site(tx: InTx, caller: Caller, command: VacancyBody) -> Site:
    site = await usecases.site_of(tx, command.location_id)
    caller.must_act_for(boards=site.board_id, schools=site.school_id, locations=site.location_id, regions=site.region)
    return site


async def _new(tx: InTx, id_: UUID, site: Site, command: VacancyBody) -> Vacancy:
    ask = usecases.post if command.publish else usecases.draft
    return await ask(tx, id_, site, command.terms())
