"""Checks of a cell: text by the same grammar as a command's, a day, a point on the map."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from common import inputs
from registry.file_import.model.problems import NotACoordinate, OutsideTheNetherlands
from registry.identifiers import without_bsn

CLOSED_ON: Final = ("opheffingsdatum", "datum opheffing")
"""How lists call the column with the first day on which something is no more."""
LATITUDES: Final = (50.7, 53.7)
LONGITUDES: Final = (3.3, 7.3)
"""The European Netherlands; the Caribbean ones have no postcodes."""
_LINE_ENDS: Final = re.compile(r"[\r\n]+")


def text(cell: str) -> str:
    """Return free text in the spelling that a command keeps, on one line; a line end within quotes is a space.

    Raises:
        Unfit: with the first reason why not.
        ContainsBsn: a number that passes the BSN check.
    """
    return without_bsn(inputs.line(_LINE_ENDS.sub(" ", cell)))


def title(cell: str) -> str:
    """Return what a school or a place is called, as ``text``.

    Raises:
        Unfit: with the first reason why not.
        ContainsBsn: a number that passes the BSN check.
    """
    return inputs.title(text(cell))


def day(cell: str) -> date:
    """Return a day, written as ``2026-08-01``, ``20260801`` or ``01-08-2026``.

    Raises:
        NotADay, OutOfBounds: it is none, or one that cannot be.
    """
    if found := re.fullmatch(r"(\d{2})-(\d{2})-(\d{4})|(\d{4})-?(\d{2})-?(\d{2})", cell, re.ASCII):
        late, early = found.group(3, 2, 1), found.group(4, 5, 6)
        cell = "-".join(late if found[1] else early)
    return inputs.day(cell)


def latitude(cell: str) -> float:
    """Return decimal degrees north (WGS 84)."""
    return _degrees(cell, LATITUDES)


def longitude(cell: str) -> float:
    """Return decimal degrees east (WGS 84)."""
    return _degrees(cell, LONGITUDES)


def _degrees(cell: str, bounds: tuple[float, float]) -> float:
    if re.fullmatch(r"-?[0-9]{1,3}(?:[.,][0-9]{1,15})?", cell) is None:
        raise NotACoordinate
    degrees = float(cell.replace(",", "."))
    if not bounds[0] <= degrees <= bounds[1]:
        raise OutsideTheNetherlands
    return degrees
