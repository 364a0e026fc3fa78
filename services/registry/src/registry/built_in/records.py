"""The built-in data, read from its files: fictional schools, companies and trainers in real towns.

Fictional codes lie where no real one is: BRINs from 90AA on, KvK numbers from 00000000 and board numbers from 00000
on, mail addresses under ``.example``. Towns, regions and holiday regions are facts from general knowledge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter

from registry.built_in.model import BoardRecord, Company, Contact, LocationRecord, SchoolRecord, Trainer
from registry.file_import.model.known import Board, Known, Location, School
from registry.reference.model import PostcodeArea, Region, Town, Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Everything built in; ids and contents are the same at every load."""

    regions: tuple[Region, ...]
    trades: tuple[Trade, ...]
    towns: Mapping[str, Town]
    """By name."""
    organisations: Known
    """Boards, schools and locations, as an import would leave them."""
    school_contacts: Mapping[str, Contact]
    """By BRIN."""
    companies: tuple[Company, ...]
    trainers: tuple[Trainer, ...]

    @property
    def postcodes(self) -> dict[str, PostcodeArea]:
        """The towns' centres as a small postcode reference, by their four digits."""
        return {town.pc4: town.area for town in self.towns.values()}


@cache
def load() -> Reference:
    """Read the built-in data, once per process.

    Raises:
        pydantic.ValidationError: a file was edited and no longer fits.
    """
    towns: dict[str, Town] = {town.name: town for town in _read("registry.reference", "towns", list[Town])}
    schools: list[SchoolRecord] = _read("registry.built_in", "schools", list[SchoolRecord])
    boards: list[BoardRecord] = _read("registry.built_in", "boards", list[BoardRecord])
    return Reference(
        regions=tuple(_read("registry.reference", "regions", list[Region])),
        trades=tuple(_read("registry.reference", "trades", list[Trade])),
        towns=towns,
        organisations=Known.of(
            *(Board(number=board.number, name=board.name) for board in boards),
            *(_school(school, towns) for school in schools),
            *(_location(location, school, towns) for school in schools for location in school.locations),
        ),
        school_contacts={school.brin: school.contact for school in schools},
        companies=tuple(_read("registry.built_in", "companies", list[Company])),
        trainers=tuple(_read("registry.built_in", "trainers", list[Trainer])),
    )


def _school(school: SchoolRecord, towns: Mapping[str, Town]) -> School:
    return School(
        brin=school.brin,
        name=school.name,
        board=school.board,
        place=towns[school.locations[0].town].name,
        school_types=(school.school_type,),
    )


def _location(location: LocationRecord, school: SchoolRecord, towns: Mapping[str, Town]) -> Location:
    town = towns[location.town]
    return Location(
        code=location.code,
        brin=school.brin,
        name=location.name,
        street=location.street,
        house_number=location.house_number,
        postcode=location.postcode,
        place=town.name,
        municipality=town.municipality,
        province=town.province,
        region=town.region,
        latitude=town.latitude,
        longitude=town.longitude,
        school_types=(school.school_type,),
        levels=location.levels,
    )


def _read(package: str, name: str, shape: Any) -> Any:
    return TypeAdapter(shape).validate_json(files(package).joinpath(f"{name}.json").read_bytes())
