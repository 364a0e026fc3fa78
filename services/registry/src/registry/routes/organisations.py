"""Organisations over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from common.caller import FOR_COMPANIES, FOR_SCHOOLS, CallerRole, ForeignOwner
from common.errors import Forbidden, NotFound
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import (
    Caller,
    Command,
    InTx,
    Line,
    MailAddress,
    Page,
    Paging,
    PersonName,
    Router,
    Title,
    View,
    creates_resource,
    roles,
    scope,
)
from events.words import LendingStatus, OrganisationKind, SchoolType
from registry.model.imports import Level
from registry.model.organisation import CONFIRMED, DESK, PENDING, Contact, Organisation, Status
from registry.queries import organisations as found
from registry.routes.words import (
    CONTACT_ID_TYPE,
    SHOW_CONTACT,
    BoardNumber,
    Brin,
    Kvk,
    LocationCode,
    Oin,
    Postcode,
    Region,
    RioCode,
    check_chosen,
    new_id,
)
from registry.routes.writing import IfMatchWhereItExists
from registry.usecases import organisations as usecases

router = Router(tags=["Organisations"])
_STAFF = (CallerRole.DESK, CallerRole.PROGRAMME)
_SIGN_UP = (CallerRole.PORTAL, CallerRole.PARTNER)
_WRITE = [scope("organisations:write"), roles(*FOR_SCHOOLS, *FOR_COMPANIES, CallerRole.DESK, CallerRole.PROGRAMME)]


class ContactBody(Command):
    """Whom to address."""

    name: PersonName
    email: MailAddress
    language: Literal["nl", "en"] = "nl"


class OrganisationBody(Command):
    """An organisation as it should be known; its municipality, region and point follow from the postcode."""

    kind: OrganisationKind
    name: Title
    board_number: BoardNumber | None = None
    brin: Brin | None = None
    location_code: LocationCode | None = None
    rio_code: RioCode | None = None
    kvk: Kvk | None = None
    oin: Oin | None = None
    board_id: UUID | None = None
    school_id: UUID | None = None
    street: Line | None = None
    house_number: Line | None = None
    postcode: Postcode | None = None
    place: Title | None = None
    school_types: Annotated[tuple[SchoolType, ...], Field(max_length=5)] = ()
    levels: Annotated[tuple[Level, ...], Field(max_length=10)] = ()
    denomination: Line | None = None
    website: Line | None = None
    contact: ContactBody | None = None
    lending_status: LendingStatus | None = None
    education_recognised: bool = False

    def organisation(self, id_: UUID) -> Organisation:
        """Return it under an id."""
        contact = self.contact
        return Organisation(
            id=id_,
            **{name: getattr(self, name) for name in OrganisationBody.model_fields if name != "contact"},
            contact=Contact(name=contact.name, email=contact.email, language=contact.language) if contact else None,
        )


class ContactView(View):
    """Whom to address."""

    name: str
    email: str
    language: str


class OrganisationView(View):
    """An organisation; its contact is null for who does not act for it."""

    id: UUID
    version: int
    status: Status
    """Pending until the desk or the programme has confirmed it; it takes part in nothing before."""
    kind: OrganisationKind
    name: str
    board_number: str | None
    brin: str | None
    location_code: str | None
    rio_code: str | None
    kvk: str | None
    oin: str | None
    aliases: list[str]
    """BRINs of schools that went up in it."""
    board_id: UUID | None
    school_id: UUID | None
    street: str | None
    house_number: str | None
    postcode: str | None
    place: str | None
    municipality: str | None
    province: str | None
    region: str | None
    latitude: float | None
    longitude: float | None
    school_types: list[SchoolType]
    levels: list[Level]
    denomination: str | None
    website: str | None
    contact: ContactView | None
    lending_status: LendingStatus | None
    education_recognised: bool
    closed_on: date | None
    """The first day on which it is no more: nothing new begins there from then on."""
    successor_id: UUID | None
    """What it went up in."""


@router.post("/organisations", status_code=201, response_model=OrganisationView, dependencies=_WRITE)
async def register(command: OrganisationBody, caller: Caller, tx: InTx) -> Organisation:
    """Register a board, school, location, company or desk."""
    return await _registered(tx, caller, command.organisation(new_id()))


@router.put(
    "/organisations/{organisation_id}",
    response_model=OrganisationView,
    dependencies=[*_WRITE, creates_resource()],
)
async def put(
    organisation_id: UUID, command: OrganisationBody, caller: Caller, tx: InTx, expected: IfMatchWhereItExists
) -> Organisation:
    """Register an organisation under an id of your own, or change one that is there (with If-Match)."""
    known = await found.own(tx, caller, organisation_id)
    if known is None:
        return await _registered(tx, caller, command.organisation(check_chosen(organisation_id, "organisationId")))
    wanted = await usecases.placed(tx, command.organisation(organisation_id), known)
    await _check_change(tx, caller, known, wanted)
    changed = await usecases.change(tx, known, wanted)
    if changed.version != known.version:
        expected.check(known.version)
    return changed


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
    page = await found.page(
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
    organisation = await found.one(tx, caller, organisation_id)
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
    organisation = await found.own(tx, caller, organisation_id)
    if organisation is None:
        raise NotFound(what="organisation", id=organisation_id)
    if organisation.kind is DESK:
        caller.must_be(CallerRole.PROGRAMME)
    confirmed = await usecases.confirm(tx, organisation_id)
    await _record(tx, caller, confirmed)
    return confirmed


class LookedAt(Forbidden):
    """What was looked at when the organisation was confirmed is changed by its desk or by the programme."""


async def _registered(tx: InTx, caller: Caller, wanted: Organisation) -> Organisation:
    """Register what the caller may: something of its own, or below what it acts for.

    A caller that signs up newcomers may also register what is below nothing yet. What the desk or the programme
    registers is confirmed with that.
    """
    if wanted.kind is DESK:
        caller.must_be(CallerRole.PROGRAMME)
    new = await usecases.placed(tx, wanted)
    _must_act_for(caller, await usecases.parents_of(tx, new))
    if new.parent_id is None:
        caller.must_act_for(
            all_for=(*found.KEEPS_THE_LIST, *_SIGN_UP), locations=new.id, companies=new.id, regions=new.region
        )
    looked_at = CallerRole.PROGRAMME in caller.roles or (
        CallerRole.DESK in caller.roles and new.region in caller.regions
    )
    return await usecases.add(tx, replace(new, status=CONFIRMED if looked_at else PENDING))


async def _check_change(tx: InTx, caller: Caller, known: Organisation, wanted: Organisation) -> None:
    """Check that the caller acts for what is above the organisation, before and after, where that changes.

    Raises:
        ForeignOwner: for one of them it does not: a school's board and its next board both have to be asked.
        LookedAt: a party would become another one than was confirmed.
    """
    if known.parent_id != wanted.parent_id:
        _must_act_for(caller, await usecases.parents_of(tx, known, wanted))
    if known.changes_what_was_looked_at(wanted) and caller.roles.isdisjoint(_STAFF):
        raise LookedAt


def _must_act_for(caller: Caller, parents: list[Organisation]) -> None:
    if not all(found.sees(caller, parent) for parent in parents):
        raise ForeignOwner


async def _record(tx: InTx, caller: Caller, *organisations: Organisation) -> None:
    people = [organisation.id for organisation in organisations if organisation.contact]
    await record_processing(tx, caller, SHOW_CONTACT, *people, id_type=CONTACT_ID_TYPE)
