"""The postcode reference: where a postcode area lies, by place, municipality, province, point and region."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Final

from common.errors import Refused
from registry.file_import.model.checks import latitude, longitude, title
from registry.file_import.model.problems import UnknownRegion
from registry.file_import.model.table import Column, Parsed, fits, read
from registry.identifiers import labour_market_region, postcode_area
from registry.reference.model import PostcodeArea


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


def parse_postcodes(content: bytes, regions: Collection[str] | None = None) -> Parsed[PostcodeArea]:
    """Read a postcode reference; ``regions`` are the codes that there are, None where any of the right form will do."""
    return read(content, COLUMNS, PostcodeArea, partial(_across, regions), code="pc4")


def _across(regions: Collection[str] | None, area: PostcodeArea) -> Iterator[tuple[str, Refused]]:
    if regions is not None and area.region not in regions:
        yield "region", UnknownRegion(region=area.region)


def lists_postcodes(content: bytes) -> bool:
    """Whether a file has the columns of a postcode reference."""
    return fits(content, COLUMNS)
