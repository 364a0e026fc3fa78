"""The types that commands and views are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, computed_field
from pydantic_core import PydanticCustomError

from common.errors import Invalid, InvalidParam, Message, Refused
from common.persistence.transaction import uuid7
from common.web import ClockTime, Command, View
from events.words import Fee, FeeBasis, FeeKind
from registry import identifiers
from rules.fee_band import PER, Per, unit_faults

ACTIVITIES: Final = "https://hybride-techniekopleiders.nl/processing"
"""The register of processing activities: why personal data are read."""
SHOW_TRAINER: Final = f"{ACTIVITIES}/show-trainer"
EXPORT_TRAINER: Final = f"{ACTIVITIES}/export-trainer"
SHOW_CONTACT: Final = f"{ACTIVITIES}/show-contact"
CONTACT_ID_TYPE: Final = "urn:nl.hybride-techniekopleiders:organisation-contact"

_A_WEEK: Final = 7 * 24 * 60
_VERSION: Final = 7


def _checked(check: Callable[[str], str]) -> AfterValidator:
    """Have an identifier checked and spelled as we keep it."""

    def validate(text: str) -> str:
        try:
            return check(text)
        except Refused as refusal:
            raise PydanticCustomError("identifier", "{reason}", {"reason": refusal.message}) from None

    return AfterValidator(validate)


def _rio_code(text: str) -> str:
    return identifiers.rio_location(text) if "X" in text.upper() else identifiers.rio_provider(text)


Postcode: TypeAlias = Annotated[
    str, StringConstraints(max_length=10), _checked(identifiers.postcode), Field(examples=["9712 XX"])
]
Brin: TypeAlias = Annotated[str, StringConstraints(max_length=10), _checked(identifiers.brin), Field(examples=["90AC"])]
LocationCode: TypeAlias = Annotated[
    str, StringConstraints(max_length=10), _checked(identifiers.location_code), Field(examples=["90AC00"])
]
BoardNumber: TypeAlias = Annotated[
    str, StringConstraints(max_length=10), _checked(identifiers.board_number), Field(examples=["00005"])
]
Region: TypeAlias = Annotated[
    str, StringConstraints(max_length=10), _checked(identifiers.labour_market_region), Field(examples=["AM01"])
]
"""A labour-market region."""
RioCode: TypeAlias = Annotated[str, StringConstraints(max_length=10), _checked(_rio_code), Field(examples=["101X234"])]
Kvk: TypeAlias = Annotated[
    str, StringConstraints(max_length=10), _checked(identifiers.kvk), Field(examples=["00000100"])
]
Oin: TypeAlias = Annotated[
    str, StringConstraints(max_length=30), _checked(identifiers.oin), Field(examples=["00000003000001000000"])
]
Minutes: TypeAlias = Annotated[int, Field(ge=0, le=_A_WEEK)]
"""A week."""


class SlotView(View):
    """A weekly hour in Europe/Amsterdam."""

    day: int
    starts: ClockTime
    ends: ClockTime


class FeeBody(Command):
    """The fee that the school offers: cents, euro, without VAT."""

    kind: FeeKind
    cents: Annotated[int, Field(ge=0, le=100_000_000)]
    """For each ``per``: a salary is gross a month."""
    basis: FeeBasis | None = None
    per: Per | None = None
    """The unit of the amount, which follows from the kind; name it to have it checked."""

    def fee(self) -> Fee:
        """Return it in the published language.

        Raises:
            Invalid: the caller means another unit.
        """
        fee = Fee(kind=self.kind, cents=self.cents, basis=self.basis)
        if faults := unit_faults(fee, self.per):
            raise Invalid(*faults)
        return fee


class FeeView(View):
    """The fee that the school offers: cents, euro, without VAT."""

    kind: FeeKind
    cents: int
    basis: FeeBasis | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def per(self) -> Per:
        """The unit of the amount."""
        return PER[self.kind]


def new_id() -> UUID:
    """Return an id for something new."""
    return uuid7()


def check_chosen(id_: UUID, name: str) -> UUID:
    """Check an id that the caller chose for something new.

    Raises:
        Invalid: it is not a UUIDv7, which sorts by time.
    """
    if id_.version != _VERSION:
        raise Invalid(InvalidParam(name, Message("Choose a UUID of version 7 for something new"), "not-a-uuid7"))
    return id_
