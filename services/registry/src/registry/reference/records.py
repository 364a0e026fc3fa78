"""What the built-in reference data is made of; every code and number is checked as it is for anybody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, with_config
from pydantic.alias_generators import to_camel

from events.words import Form, LendingStatus, SchoolType, Slot, TeachingRole
from registry.model import identifiers
from registry.model.imports import Level, PostcodeArea

Brin: TypeAlias = Annotated[str, AfterValidator(identifiers.brin)]
LocationCode: TypeAlias = Annotated[str, AfterValidator(identifiers.location_code)]
BoardNumber: TypeAlias = Annotated[str, AfterValidator(identifiers.board_number)]
Kvk: TypeAlias = Annotated[str, AfterValidator(identifiers.kvk)]
Postcode: TypeAlias = Annotated[str, AfterValidator(identifiers.postcode)]
PostcodeDigits: TypeAlias = Annotated[str, AfterValidator(identifiers.postcode_area)]
Text: TypeAlias = Annotated[str, Field(min_length=1), AfterValidator(identifiers.without_bsn)]
Email: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9.-]+@[a-z0-9.-]+\.example$")]
"""RFC 2606 keeps ``.example`` free: no mail to fictional people ever reaches a real one."""
Language: TypeAlias = Literal["nl", "en"]

_CONFIG: Final = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)
_SHAPE: Final = with_config(_CONFIG)


@_SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region in one of the overlapping schemes."""

    scheme: Literal["labour_market", "holiday"]
    code: Text
    """Of a labour-market region the code of Statistics Netherlands, of a holiday region its Dutch name."""
    name: Text
    aliases: tuple[Text, ...]
    """How other sources call it."""


@_SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What can be taught: a trade of companies, a subject of schools, or a technical profile of the vmbo."""

    code: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    kind: Literal["trade", "subject", "profile"]
    label_nl: Text
    label_en: Text


@_SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A real town by the postcode area of its centre; degrees in two decimals, about a kilometre."""

    name: Text
    municipality: Text
    province: Text
    pc4: PostcodeDigits
    region: Annotated[str, AfterValidator(identifiers.labour_market_region)]
    holiday_region: Literal["noord", "midden", "zuid"]
    latitude: float
    longitude: float

    @property
    def area(self) -> PostcodeArea:
        """The town as the postcode reference would have it."""
        return PostcodeArea(
            pc4=self.pc4,
            place=self.name,
            municipality=self.municipality,
            province=self.province,
            latitude=self.latitude,
            longitude=self.longitude,
            region=self.region,
        )


@_SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A fictional person who answers for an organisation."""

    given_name: Text
    family_name: Text
    email: Email
    language: Language


@_SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRecord:
    """A fictional competent authority."""

    number: BoardNumber
    name: Text


@_SHAPE
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


@_SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolRecord:
    """A fictional institution."""

    brin: Brin
    name: Text
    board: BoardNumber
    school_type: SchoolType
    locations: tuple[LocationRecord, ...]
    contact: Contact


@_SHAPE
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
    contact: Contact

    @property
    def id(self) -> UUID:
        """The same at every load."""
        return identifiers.identity("company", self.kvk)


@_SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """What somebody holds; None as subject where it is bound to none."""

    code: Text
    subject: str | None
    verified: bool
    valid_until: date | None


@_SHAPE
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
