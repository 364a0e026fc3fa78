"""Lists of institutions without locations, as of mbo: BRIN, name and place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from common.errors import Refused
from events.words import SchoolType
from registry.file_import.model.checks import CLOSED_ON, day, title
from registry.file_import.model.locations import sector
from registry.file_import.model.problems import SucceedsItself, SuccessorWithoutADay
from registry.file_import.model.table import Column, Parsed, fits, read
from registry.identifiers import board_number, brin


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedInstitution:
    """An institution as a file lists it; None is what the file does not say."""

    brin: str
    name: str
    school_types: tuple[SchoolType, ...]
    place: str | None = None
    board: str | None = None
    closed_on: date | None = None
    successor: str | None = None
    """The BRIN of the institution that it went up in."""


COLUMNS: Final = (
    Column(field="brin", names=("brin", "instellingscode", "brin nummer"), check=brin),
    Column(field="name", names=("naam", "instellingsnaam"), check=title),
    Column(
        field="place",
        names=("plaats", "plaatsnaam", "plaats toegevoegd door onderzoeker"),
        check=title,
        required=False,
    ),
    Column(field="board", names=("bevoegd gezag nummer", "bevoegd gezag"), check=board_number, required=False),
    Column(field="sector", names=("sector", "soort ho"), check=sector, required=False),
    Column(field="closed_on", names=CLOSED_ON, check=day, required=False),
    Column(field="successor", names=("opvolger", "brin opvolger"), check=brin, required=False),
)


def parse_institutions(content: bytes, school_type: SchoolType = SchoolType.MBO) -> Parsed[ListedInstitution]:
    """Read a list of institutions; ``school_type`` is what they are where the file itself does not say."""
    make: Callable[..., ListedInstitution] = partial(_listed, school_type)
    return read(content, COLUMNS, make, _across, code="brin")


def lists_institutions(content: bytes) -> bool:
    """Whether a file has the columns of a list of institutions; a list of locations may have them as well."""
    return fits(content, COLUMNS)


def _listed(
    school_type: SchoolType,
    *,
    brin: str,
    name: str,
    place: str | None,
    board: str | None,
    sector: tuple[SchoolType, ...] | None,
    **closing: Any,
) -> ListedInstitution:
    types = sector or (school_type,)
    return ListedInstitution(brin=brin, name=name, place=place, board=board, school_types=types, **closing)


def _across(listed: ListedInstitution) -> Iterator[tuple[str, Refused]]:
    if listed.successor and listed.closed_on is None:
        yield "closed_on", SuccessorWithoutADay()
    if listed.successor == listed.brin:
        yield "successor", SucceedsItself()
