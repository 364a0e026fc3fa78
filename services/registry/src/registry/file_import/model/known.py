"""Boards, schools and locations as registered, in the shape that an import compares and adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Self, TypeAlias
from uuid import UUID

from events.words import SchoolType
from registry.identifiers import identity
from registry.organisation.model import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A competent authority (bevoegd gezag): it employs, and the guest cap counts per board."""

    kind: ClassVar[str] = "board"
    number: str
    name: str

    @property
    def key(self) -> str:
        """The number that DUO gives."""
        return self.number

    @property
    def id(self) -> UUID:
        """The same at every import."""
        return identity(self.kind, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """An institution. After a merger the BRINs of those that went up in it are its aliases."""

    kind: ClassVar[str] = "school"
    brin: str
    name: str
    board: str | None = None
    place: str | None = None
    school_types: tuple[SchoolType, ...] = ()
    aliases: tuple[str, ...] = ()
    closed_on: date | None = None
    """The first day on which it is no more."""
    successor: str | None = None
    """The BRIN of the school that it went up in."""

    @property
    def key(self) -> str:
        """The BRIN."""
        return self.brin

    @property
    def id(self) -> UUID:
        """The same at every import."""
        return identity(self.kind, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place where a school teaches (vestiging); municipality, province and region follow from its postcode."""

    kind: ClassVar[str] = "location"
    code: str
    brin: str
    """Of its school; after a merger not the first four positions of ``code``."""
    name: str
    street: str | None = None
    house_number: str | None = None
    postcode: str
    place: str
    municipality: str
    province: str
    region: str
    """Labour-market region, such as AM01."""
    latitude: float
    longitude: float
    school_types: tuple[SchoolType, ...]
    levels: tuple[Level, ...] = ()
    denomination: str | None = None
    website: str | None = None
    closed_on: date | None = None
    """The first day on which it is no more."""

    @property
    def key(self) -> str:
        """The location code."""
        return self.code

    @property
    def id(self) -> UUID:
        """The same at every import."""
        return identity(self.kind, self.key)


Entry: TypeAlias = Board | School | Location


def latest_first(closed_on: date | None) -> int:
    """Return the key that sorts what goes on, or ends later, before what ends first."""
    return -(closed_on or date.max).toordinal()


@dataclass(frozen=True, slots=True)
class Known:
    """Everything known before an import, each by its public code."""

    boards: Mapping[str, Board] = field(default_factory=dict)
    schools: Mapping[str, School] = field(default_factory=dict)
    locations: Mapping[str, Location] = field(default_factory=dict)

    def successors(self) -> dict[str, str]:
        """Return for every BRIN that went up in another one the BRIN under which that school is known today.

        Both have it as an alias where the other one went up in a third: the one that goes on counts.
        """
        ending_first = sorted(self.schools.values(), key=lambda school: school.successor is None)
        return {alias: school.brin for school in ending_first for alias in school.aliases}

    @classmethod
    def of(cls, *entries: Entry) -> Self:
        """Gather entries; of two with one key the later one counts."""
        return cls(
            {entry.key: entry for entry in entries if isinstance(entry, Board)},
            {entry.key: entry for entry in entries if isinstance(entry, School)},
            {entry.key: entry for entry in entries if isinstance(entry, Location)},
        )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything, parents before children."""
        return (*self.boards.values(), *self.schools.values(), *self.locations.values())
