"""Boards, schools and locations as registered, in the shape that an import compares and adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from common.caller import Caller, CallerRole
from common.errors import InvalidParam, Message, Refused
from events import Event
from events.parties import Parties
from events.registry import (
    ContactState,
    OrganisationApplied,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationFacts,
    OrganisationRegistered,
    OrganisationReopened,
)
from events.words import CompanySize, LendingStatus, OrganisationKind, Party, SchoolType
from registry.reference.model import PC4, PostcodeArea


class Level(StrEnum):
    """The level at which a location teaches within its sector."""

    PRIMARY = "primary"
    SPECIAL_PRIMARY = "special_primary"
    SO = "so"
    VSO = "vso"
    PRO = "pro"
    BRIDGE_YEAR = "bridge_year"
    VMBO_BK = "vmbo_bk"
    VMBO_T = "vmbo_t"
    HAVO = "havo"
    VWO = "vwo"


BOARD, SCHOOL, LOCATION, COMPANY, DESK = OrganisationKind


class Status(StrEnum):
    """Whether an organisation takes part; one that registered itself waits for somebody who looks at its numbers."""

    PENDING = "pending"
    CONFIRMED = "confirmed"


PENDING, CONFIRMED = Status

Language: TypeAlias = Literal["nl", "en"]


PARTY: Final[Mapping[OrganisationKind, Party | None]] = {
    BOARD: Party.SCHOOL,
    SCHOOL: Party.SCHOOL,
    LOCATION: Party.SCHOOL,
    COMPANY: Party.COMPANY,
    DESK: None,
}

_OF_A_KIND: Final[Mapping[str, frozenset[OrganisationKind]]] = {
    "board_number": frozenset({BOARD}),
    "brin": frozenset({SCHOOL}),
    "location_code": frozenset({LOCATION}),
    "rio_code": frozenset({SCHOOL, LOCATION}),
    "aliases": frozenset({SCHOOL}),
    "board_id": frozenset({SCHOOL, LOCATION}),
    "school_id": frozenset({LOCATION}),
    "school_types": frozenset({SCHOOL, LOCATION}),
    "levels": frozenset({LOCATION}),
    "denomination": frozenset({LOCATION}),
    "lending_status": frozenset({COMPANY}),
    "education_recognised": frozenset({COMPANY}),
    "size": frozenset({COMPANY}),
}
"""What only some kinds have."""
_NEEDED: Final[Mapping[OrganisationKind, tuple[str, ...]]] = {
    BOARD: (),
    SCHOOL: ("school_types",),
    LOCATION: ("school_id", "postcode", "school_types"),
    COMPANY: ("kvk", "postcode", "lending_status"),
    DESK: ("postcode",),
}
"""A board or school may be known by its name alone: lists of institutions give no address."""


LOOKED_AT: Final = (
    "name",
    "board_number",
    "brin",
    "location_code",
    "rio_code",
    "kvk",
    "oin",
    "lending_status",
    "education_recognised",
)
"""What the desk or the programme looks at before it confirms an organisation."""


class NotConfirmed(Refused):
    """This takes an organisation that the desk or the programme has confirmed."""


class ConfirmParentFirst(Refused):
    """The board or school that this organisation belongs to is not confirmed yet."""


class CannotSucceed(Refused):
    """A successor is another, confirmed organisation of the same kind that goes on after that day."""


class CannotChangeKind(Refused):
    """An organisation stays a {kind}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to address: a person, so this never leaves but by the restricted state."""

    name: str
    email: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One organisation; municipality, province and region follow from its postcode."""

    id: UUID
    version: int = 0
    status: Status = CONFIRMED
    kind: OrganisationKind
    name: str
    board_number: str | None = None
    brin: str | None = None
    location_code: str | None = None
    rio_code: str | None = None
    """Of a school its provider code, of a location its location code."""
    kvk: str | None = None
    oin: str | None = None
    aliases: tuple[str, ...] = ()
    """BRINs of the schools that went up in this one."""
    board_id: UUID | None = None
    school_id: UUID | None = None
    street: str | None = None
    house_number: str | None = None
    postcode: str | None = None
    place: str | None = None
    municipality: str | None = None
    province: str | None = None
    region: str | None = None
    """Labour-market region."""
    latitude: float | None = None
    longitude: float | None = None
    school_types: tuple[SchoolType, ...] = ()
    levels: tuple[Level, ...] = ()
    denomination: str | None = None
    website: str | None = None
    contact: Contact | None = None
    lending_status: LendingStatus | None = None
    education_recognised: bool = False
    size: CompanySize | None = None
    """None as long as the company does not name it."""
    closed_on: date | None = None
    """The first day on which it is no more."""
    successor_id: UUID | None = None
    """What it went up in."""

    @property
    def case(self) -> UUID:
        """An organisation is a case of its own."""
        return self.id

    @property
    def parties(self) -> Parties:
        """Itself, in the role of its kind, and those above it."""
        above = {"board": self.board_id, "school": self.school_id, "region": self.region}
        role = "organisation" if self.kind is DESK else self.kind.value
        return Parties(**{**above, role: self.id})  # type: ignore[arg-type]

    @property
    def confirmed(self) -> bool:
        """Whether it takes part: it can ask, be named, sign and be written to."""
        return self.status is CONFIRMED

    @property
    def parent_id(self) -> UUID | None:
        """The organisation right above it: a location's school, a school's board."""
        return self.school_id or self.board_id

    @property
    def email(self) -> str | None:
        """The address of its own contact, in small letters."""
        return self.contact.email.lower() if self.contact else None

    def changes_what_was_looked_at(self, wanted: Organisation) -> bool:
        """Whether it would become another one than was confirmed."""
        return self.confirmed and any(self[name] != wanted[name] for name in LOOKED_AT)

    def faults(self) -> list[InvalidParam]:
        """Return what this kind of organisation lacks, and what it cannot have."""
        missing = [
            _fault(name, Message("a {kind} needs this", kind=self.kind.value), "missing")
            for name in _NEEDED[self.kind]
            if not self[name]
        ]
        foreign = [
            _fault(name, Message("a {kind} does not have this", kind=self.kind.value), "not-for-this-kind")
            for name, kinds in _OF_A_KIND.items()
            if self.kind not in kinds and self[name]
        ]
        return missing + foreign

    def __getitem__(self, name: str) -> Any:
        """Return a field by its name."""
        return getattr(self, name)

    def register(self) -> tuple[Organisation, list[Event]]:
        """Take part, or ask to while pending."""
        return self, [OrganisationRegistered(**self.facts()) if self.confirmed else _application(self)]

    def confirm(self) -> tuple[Organisation, list[Event]]:
        """Take part from now on; a second time changes nothing."""
        if self.confirmed:
            return self, []
        return replace(self, status=CONFIRMED).register()

    def change(self, **changes: Any) -> tuple[Organisation, list[Event]]:
        """Take other values; the same values publish nothing."""
        if changes.get("kind", self.kind) is not self.kind:
            raise CannotChangeKind(kind=self.kind.value)
        changed = replace(self, **changes)
        if changed == self:
            return self, []
        return changed, [OrganisationChanged(**changed.facts()) if self.confirmed else _application(changed)]

    def close(self, closed_on: date, successor: Organisation | None = None) -> tuple[Organisation, list[Event]]:
        """End on a day, and go up in a successor of the same kind if there is one; a later word corrects it.

        Raises:
            CannotSucceed: the successor is another kind, pending, the organisation itself, or closed by then.
        """
        if successor and not successor.may_succeed(self, closed_on):
            raise CannotSucceed
        after = replace(self, closed_on=closed_on, successor_id=successor.id if successor else None)
        if after == self:
            return self, []
        event = OrganisationClosed(organisation_id=self.id, closed_on=closed_on, successor_id=after.successor_id)
        return after, [event]

    def reopen(self) -> tuple[Organisation, list[Event]]:
        """Go on after all."""
        if self.closed_on is None:
            return self, []
        return replace(self, closed_on=None, successor_id=None), [OrganisationReopened(organisation_id=self.id)]

    def may_succeed(self, other: Organisation, on: date) -> bool:
        """Whether it can go on with what another one did, from a day on."""
        same = self.kind is other.kind and self.id != other.id
        return same and self.confirmed and (self.closed_on is None or self.closed_on > on)

    def take_alias(self, *brins: str) -> tuple[Organisation, list[Event]]:
        """Be found under the BRINs of schools that went up in this one."""
        return self.change(aliases=tuple(sorted({*self.aliases, *brins} - {str(self.brin)})))

    def relocate(self, area: PostcodeArea) -> tuple[Organisation, list[Event]]:
        """Follow the postcode reference: municipalities merge and regions are drawn anew; the point stays."""
        return self.change(municipality=area.municipality, province=area.province, region=area.region)

    def facts(self) -> dict[str, Any]:
        """Return the fields of the events."""
        return {
            "organisation_id": self.id,
            "school_types": list(self.school_types),
            "postcode_area": self.postcode and self.postcode[PC4],
            **{name: self[name] for name in OrganisationFacts.model_fields.keys() - _ALIKE},
        }

    def contact_state(self, inherited: Contact | None = None) -> ContactState:
        """Return how it is named and reached; ``inherited`` is its school's or board's contact."""
        contact = self.contact or inherited
        return ContactState(
            party_id=self.id,
            party=PARTY[self.kind],
            name=self.name,
            contact_name=contact.name if contact else None,
            email=contact.email if contact else None,
            language=contact.language if contact else "nl",
            company_id=self.id if self.kind is COMPANY else None,
            board_id=self.id if self.kind is BOARD else self.board_id,
            school_id=self.id if self.kind is SCHOOL else self.school_id,
            brin=self.brin,
            kvk=self.kvk,
        )


_ALIKE: Final = frozenset({"organisation_id", "school_types", "postcode_area"})


def _application(of: Organisation) -> OrganisationApplied:
    return OrganisationApplied(organisation_id=of.id, kind=of.kind, region=of.region)


def _fault(name: str, reason: Message, code: str) -> InvalidParam:
    first, *rest = name.split("_")
    return InvalidParam(first + "".join(part.title() for part in rest), reason, code)


KEEPS_THE_LIST: Final = (CallerRole.PROGRAMME,)
"""Those who see and may put right every organisation."""


def sees(caller: Caller, organisation: Organisation) -> bool:
    """Whether an organisation is the caller's to act for: its own, its board's or school's, its region's."""
    return caller.sees(
        all_for=KEEPS_THE_LIST,
        boards=organisation.board_id,
        schools=organisation.school_id,
        locations=organisation.id,
        companies=organisation.id,
        regions=organisation.region,
    )
