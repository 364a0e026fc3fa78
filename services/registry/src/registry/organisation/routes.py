"""Organisations over HTTP."""

from __future__ import annotations

from uuid import UUID

from common.caller import FOR_COMPANIES, FOR_SCHOOLS, CallerRole
from common.errors import NotFound
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import (
    Caller,
    InTx,
    Page,
    Paging,
    Router,
    roles,
    scope,
)
from events.words import OrganisationKind
from registry.fields import CONTACT_ID_TYPE, SHOW_CONTACT, Brin, Kvk, LocationCode, Region, new_id
from registry.organisation import queries, usecases
from registry.organisation.model import DESK, Organisation, Status
from registry.organisation.usecases import register_for
from registry.organisation.views import OrganisationBody, OrganisationView

router = Router(tags=["Organisations"])
_STAFF = (CallerRole.DESK, CallerRole.PROGRAMME)


_WRITE = [scope("organisations:write"), roles(*FOR_SCHOOLS, *FOR_COMPANIES, CallerRole.DESK, CallerRole.PROGRAMME)]


@router.post("/organisations", status_code=201, response_model=OrganisationView, dependencies=_WRITE)
async def register(command: OrganisationBody, caller: Caller, tx: InTx) -> Organisation:
    """Register a board, school, location, company or desk."""
    return await register_for(tx, caller, command.organisation(new_id()))


@router.get("/organisations", response_model=Page[OrganisationView], dependencies=[scope("organisations:read")])
async def find(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    kind: OrganisationKind | None = None,
    status: Status | None = None,
    region: Region | None = None,
    board_id: UUID | None = None,
    school_id: UUID | None = None,
    brin: Brin | None = None,
    location_code: LocationCode | None = None,
    kvk: Kvk | None = None,
) -> Paged[Organisation]:
    """Find organisations: every school, and the companies and desks that you act for."""
    page = await queries.page(
        tx,
        caller,
        paging,
        kind=kind,
        status=status,
        region=region,
        board_id=board_id,
        school_id=school_id,
        brin=brin,
        location_code=location_code,
        kvk=kvk,
    )
    await _record(tx, caller, *page.items)
    return page


@router.get(
    "/organisations/{organisation_id}", response_model=OrganisationView, dependencies=[scope("organisations:read")]
)
async def show(organisation_id: UUID, caller: Caller, tx: InTx) -> Organisation:
    """Show an organisation."""
    organisation = await queries.one(tx, caller, organisation_id)
    await _record(tx, caller, organisation)
    return organisation


@router.post(
    "/organisations/{organisation_id}/_confirm",
    response_model=OrganisationView,
    dependencies=[scope("organisations:write"), roles(*_STAFF)],
)
async def confirm(organisation_id: UUID, caller: Caller, tx: InTx) -> Organisation:
    """Confirm an organisation that registered itself, as the desk of its region or as the programme.

    Before it does so, the desk compares the KvK number, the BRIN and the lending status with their sources.
    """
    organisation = await queries.own(tx, caller, organisation_id)
    if organisation is None:
        raise NotFound(what="organisation", id=organisation_id)
    if organisation.kind is DESK:
        caller.must_be(CallerRole.PROGRAMME)
    confirmed = await usecases.confirm(tx, organisation_id)
    await _record(tx, caller, confirmed)
    return confirmed


async def _record(tx: InTx, caller: Caller, *organisations: Organisation) -> None:
    people = [organisation.id for organisation in organisations if organisation.contact]
    await record_processing(tx, caller, SHOW_CONTACT, *people, id_type=CONTACT_ID_TYPE)
