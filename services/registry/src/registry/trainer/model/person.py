"""Personal data of a trainer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

from registry.organisation.model import Language
from registry.reference.model import PostcodeArea


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person; stored here and in the restricted contact state, nowhere else."""

    name: str
    email: str
    language: Language
    postcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody lives: the centre of a postcode area, about a kilometre wide."""

    postcode_area: str
    region: str
    latitude: float
    longitude: float

    @classmethod
    def of(cls, area: PostcodeArea) -> Self:
        """Take the area's centre."""
        return cls(postcode_area=area.pc4, region=area.region, latitude=area.latitude, longitude=area.longitude)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vog:
    """A certificate of conduct: dates and who saw it, never the document."""

    issued_on: date
    shown_on: date
    seen_by: str
