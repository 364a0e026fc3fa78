"""The fictional schools, companies and trainers; each code and number is checked as for anybody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field

from events.words import CompanySize, Form, LendingStatus, SchoolType, Slot, TeachingRole
from registry import identifiers
from registry.organisation.model import Level
from registry.reference.model import SHAPE, Text

Brin: TypeAlias = Annotated[str, AfterValidator(identifiers.brin)]
LocationCode: TypeAlias = Annotated[str, AfterValidator(identifiers.location_code)]
BoardNumber: TypeAlias = Annotated[str, AfterValidator(identifiers.board_number)]
Kvk: TypeAlias = Annotated[str, AfterValidator(identifiers.kvk)]
Postcode: TypeAlias = Annotated[str, AfterValidator(identifiers.postcode)]


Email: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9.-]+@[a-z0-9.-]+\.example$")]
"""RFC 2606 keeps ``.example`` free: no mail to fictional people ever reaches a real one."""
Language: TypeAlias = Literal["nl", "en"]


@SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A fictional person who answers for an organisation."""

    given_name: Text
    family_name: Text
    email: Email
    language: Language


@SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRecord:
    """A fictional competent authority."""

    number: BoardNumber
    name: Text


@SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class LocationRecord:
    """Where a fictional school teaches, in a real town."""

    code: LocationCode
    name: Text
    town: Text
    postcode: Postcode
    street: Text
    house_number: Text
    levels: tuple[Level, ...]


@SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolRecord:
    """A fictional institution."""

    brin: Brin
    name: Text
    board: BoardNumber
    school_type: SchoolType
    locations: tuple[LocationRecord, ...]
    contact: Contact


@SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A fictional company that might lend its people."""

    kvk: Kvk
    name: Text
    town: Text
    postcode: Postcode
    street: Text
    house_number: Text
    trades: tuple[str, ...]
    lending_status: LendingStatus
    education_recognition: bool
    size: CompanySize
    contact: Contact

    @property
    def id(self) -> UUID:
        """The same at every load."""
        return identifiers.identity("company", self.kvk)


@SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """A qualification that a trainer holds; ``subject`` is None where it is bound to none."""

    code: Text
    subject: str | None
    verified: bool
    valid_until: date | None


@SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """A fictional trainer, as complete as an intake makes one."""

    code: Annotated[str, Field(pattern=r"^T[0-9]{3}$")]
    given_name: Text
    family_name: Text
    email: Email
    language: Language
    town: Text
    company: Kvk | None
    """None for who works for themselves."""
    company_minutes_per_week: int
    company_days: tuple[Annotated[int, Field(ge=1, le=7)], ...]
    """ISO weekdays."""
    crkbo_registered: bool
    trades: tuple[str, ...]
    """Trades, subjects and profiles of the code list."""
    school_types: tuple[SchoolType, ...]
    roles: tuple[TeachingRole, ...]
    forms: tuple[Form, ...]
    """Preferred first."""
    desired_minutes_per_week: int
    desired_months: int | None
    availability: tuple[Slot, ...]
    travel_km: int
    languages: tuple[Language, ...]
    """In which they can teach."""
    experience_years: int
    qualifications: tuple[Qualification, ...]
    vog_issued_days_ago: int | None
    """Counted back from the day of loading: a certificate of conduct has a date that ages."""
    vog_shown_days_ago: int | None

    @property
    def id(self) -> UUID:
        """The same at every load."""
        return identifiers.identity("trainer", self.code)
