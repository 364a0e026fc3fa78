"""The postcode reference: where a postcode area lies, by place, municipality, province, point and region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from registry.model.identifiers import labour_market_region, postcode_area
from registry.model.imports.checks import latitude, longitude, title
from registry.model.imports.table import Column, Parsed, fits, read


@dataclass(frozen=True, slots=True, kw_only=True)
class PostcodeArea:
    """The four digits of a postcode and what they tell."""

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


def municipality(cell: str) -> str:
    """Return a municipality's name; GeoNames tells some from their town by a full stop at the end."""
    return title(cell.rstrip("."))


COLUMNS: Final = (
    Column(field="pc4", names=("pc4",), check=postcode_area),
    Column(field="place", names=("plaats",), check=title),
    Column(field="municipality", names=("gemeente",), check=municipality),
    Column(field="province", names=("provincie",), check=title),
    Column(field="latitude", names=("lat",), check=latitude),
    Column(field="longitude", names=("lon",), check=longitude),
    Column(field="region", names=("cbs am code",), check=labour_market_region),
)


def parse_postcodes(content: bytes) -> Parsed[PostcodeArea]:
    """Read a postcode reference."""
    return read(content, COLUMNS, PostcodeArea, code="pc4")


def lists_postcodes(content: bytes) -> bool:
    """Whether a file has the columns of a postcode reference."""
    return fits(content, COLUMNS)
