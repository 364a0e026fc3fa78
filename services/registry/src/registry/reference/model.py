"""Regions, trades and postcode areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field, with_config
from pydantic.alias_generators import to_camel

from common.errors import Refused
from registry import identifiers


@dataclass(frozen=True, slots=True, kw_only=True)
class PostcodeArea:
    """The four digits of a postcode, with their place and region."""

    kind: ClassVar[str] = "postcode_area"
    pc4: str
    place: str
    municipality: str
    province: str
    latitude: float
    longitude: float
    region: str
    """Labour-market region, such as AM01."""

    @property
    def key(self) -> str:
        """The four digits."""
        return self.pc4


class UnknownPostcodeArea(Refused):
    """The postcode area {area} is not in the postcode reference, so its municipality and region are unknown."""


PC4: Final = slice(4)
"""The postcode area within a postcode."""


PostcodeDigits: TypeAlias = Annotated[str, AfterValidator(identifiers.postcode_area)]
Text: TypeAlias = Annotated[str, Field(min_length=1), AfterValidator(identifiers.without_bsn)]


_CONFIG: Final = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)
SHAPE: Final = with_config(_CONFIG)
"""The built-in files are written in camel case, and every field of them is known."""


@SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region in one of the overlapping schemes."""

    scheme: Literal["labour_market", "holiday"]
    code: Text
    """Of a labour-market region the code of Statistics Netherlands, of a holiday region its Dutch name."""
    name: Text
    aliases: tuple[Text, ...]
    """How other sources call it."""


@SHAPE
@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A trade of companies, a subject of schools, or a technical profile of the vmbo."""

    code: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    kind: Literal["trade", "subject", "profile"]
    label_nl: Text
    label_en: Text


@SHAPE
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
