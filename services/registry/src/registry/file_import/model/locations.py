"""DUO's lists of locations (vestigingen): its own files, and the geocoded one that others publish from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from common.errors import Refused
from events.words import SchoolType
from registry.file_import.model.checks import CLOSED_ON, day, latitude, longitude, text, title
from registry.file_import.model.problems import HalfAPoint, LocationOfAnother, UnknownSchoolType, UnknownValue
from registry.file_import.model.table import Column, Parsed, fits, read
from registry.identifiers import board_number, brin, location_code, postcode
from registry.organisation.model import Level

LEVELS: Final[dict[str, tuple[Level, ...]]] = {
    "BO": (Level.PRIMARY,),
    "SBO": (Level.SPECIAL_PRIMARY,),
    "SO": (Level.SO,),
    "VSO": (Level.VSO,),
    "(V)SO": (Level.SO, Level.VSO),
    "SOVSO": (Level.SO, Level.VSO),
    "PRO": (Level.PRO,),
    "BRUGJAAR": (Level.BRIDGE_YEAR,),
    "VBO": (Level.VMBO_BK,),
    "MAVO": (Level.VMBO_T,),
    "HAVO": (Level.HAVO,),
    "VWO": (Level.VWO,),
}
"""DUO's words for the structure of a location."""

SECTORS: Final[dict[str, tuple[SchoolType, ...]]] = {
    "PO": (SchoolType.PO,),
    "VO": (SchoolType.VO,),
    "SO": (SchoolType.PO,),
    "VSO": (SchoolType.VO,),
    "SO_VSO": (SchoolType.PO, SchoolType.VO),
    "MBO": (SchoolType.MBO,),
    "HBO": (SchoolType.HBO,),
    "WO": (SchoolType.WO,),
}

_PRIMARY: Final = frozenset({Level.PRIMARY, Level.SPECIAL_PRIMARY, Level.SO})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLocation:
    """A location as a file lists it; None is what the file does not say."""

    brin: str
    code: str
    name: str
    postcode: str
    place: str
    board: str | None = None
    street: str | None = None
    house_number: str | None = None
    municipality: str | None = None
    """In the file's spelling: for the reader of a report, never to join by."""
    sector: tuple[SchoolType, ...] | None = None
    levels: tuple[Level, ...] | None = None
    denomination: str | None = None
    website: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    closed_on: date | None = None

    @property
    def school_types(self) -> tuple[SchoolType, ...]:
        """By whose rules lessons are given here: special education counts as primary, its secondary part as vo."""
        if self.levels:
            types = {SchoolType.PO if level in _PRIMARY else SchoolType.VO for level in self.levels}
            return tuple(sorted(types))
        return self.sector or ()


def structure(cell: str) -> tuple[Level, ...]:
    """Return the levels in DUO's structure, such as ``VBO/MAVO/HAVO``.

    Raises:
        UnknownValue: one of its words is not DUO's.
    """
    words = [word.strip().upper() for word in cell.split("/")]
    if not LEVELS.keys() >= set(words):
        raise UnknownValue(known=", ".join(LEVELS))
    found = {level for word in words for level in LEVELS[word]}
    return tuple(level for level in Level if level in found)


def sector(cell: str) -> tuple[SchoolType, ...]:
    """Return the school types of a sector, such as ``so_vso``.

    Raises:
        UnknownValue: no such sector.
    """
    types = SECTORS.get(cell.upper().replace("/", "_"))
    if types is None:
        raise UnknownValue(known=", ".join(SECTORS).lower())
    return types


COLUMNS: Final = (
    Column(field="brin", names=("brin", "instellingscode", "brin nummer"), check=brin),
    Column(field="code", names=("vestigingscode", "vestigingsnummer"), check=location_code),
    Column(field="name", names=("naam", "vestigingsnaam"), check=title),
    Column(field="postcode", names=("postcode",), check=postcode),
    Column(field="place", names=("plaats", "plaatsnaam"), check=title),
    Column(field="board", names=("bevoegd gezag nummer", "bevoegd gezag"), check=board_number, required=False),
    Column(field="street", names=("straat", "straatnaam"), check=text, required=False),
    Column(field="house_number", names=("huisnummer", "huisnummer toevoeging"), check=text, required=False),
    Column(field="municipality", names=("gemeente", "gemeentenaam"), check=text, required=False),
    Column(field="sector", names=("sector",), check=sector, required=False),
    Column(field="levels", names=("onderwijsstructuur", "soort primair onderwijs"), check=structure, required=False),
    Column(field="denomination", names=("denominatie",), check=text, required=False),
    Column(field="website", names=("website", "internetadres"), check=text, required=False),
    Column(field="latitude", names=("lat",), check=latitude, required=False),
    Column(field="longitude", names=("lon",), check=longitude, required=False),
    Column(field="closed_on", names=CLOSED_ON, check=day, required=False),
)


def parse_locations(content: bytes) -> Parsed[ListedLocation]:
    """Read a list of locations, in comma-separated UTF-8 or DUO's semicolon-separated windows-1252."""
    return read(content, COLUMNS, ListedLocation, _across, code="code")


def lists_locations(content: bytes) -> bool:
    """Whether a file has the columns of a list of locations."""
    return fits(content, COLUMNS)


def _across(listed: ListedLocation) -> Iterator[tuple[str, Refused]]:
    if not listed.code.startswith(listed.brin):
        yield "code", LocationOfAnother()
    if not listed.school_types:
        yield "levels", UnknownSchoolType()
    if listed.latitude is None and listed.longitude is not None:
        yield "latitude", HalfAPoint()
    if listed.longitude is None and listed.latitude is not None:
        yield "longitude", HalfAPoint()
