"""How an organisation is written down by a caller, and what a caller sees."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from common.web import (
    Command,
    Line,
    MailAddress,
    PersonName,
    Title,
    View,
)
from events.words import CompanySize, LendingStatus, OrganisationKind, SchoolType
from registry.fields import BoardNumber, Brin, Kvk, LocationCode, Oin, Postcode, RioCode
from registry.organisation.model import Contact, Level, Organisation, Status


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
    size: CompanySize | None = None
    """Of a company: how many people it has. For figures on fairness; it counts in no match."""

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
    size: CompanySize | None
    closed_on: date | None
    """The first day on which it is no more: nothing new begins there from then on."""
    successor_id: UUID | None
    """What it went up in."""
