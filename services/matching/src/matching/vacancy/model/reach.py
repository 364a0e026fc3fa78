"""The part of the map within a trainer's reach: a box to search before distances are measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from matching.profile.model.distance import EARTH_RADIUS_KM

if TYPE_CHECKING:
    from matching.profile.model.distance import Place
    from matching.profile.model.profile import Profile

_MICRO: Final = 1_000_000
_EAST: Final = 180.0
_POLE: Final = 90.0
_MARGIN_KM: Final = 1
"""Distances are rounded to whole kilometres and places to millionths: the box is a little wider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Between these degrees, ends included; it holds everything in reach, and in its corners some more."""

    south: float
    north: float
    west: float
    east: float

    @classmethod
    def reached_by(cls, profile: Profile) -> Box:
        """Return a box with every place that the trainer travels to, from home or from the company.

        No road is shorter than the great circle: what is in reach by road lies within.
        """
        boxes = [
            cls.around(place, profile.limit_km(0))
            for place in (profile.place, profile.company_place)
            if place is not None
        ]
        return cls(
            south=min(box.south for box in boxes),
            north=max(box.north for box in boxes),
            west=min(box.west for box in boxes),
            east=max(box.east for box in boxes),
        )

    @classmethod
    def around(cls, place: Place, kilometres: int) -> Box:
        """Return the smallest box with every place within that many km of ``place``."""
        latitude, longitude = place.latitude / _MICRO, place.longitude / _MICRO
        angle = (kilometres + _MARGIN_KM) / EARTH_RADIUS_KM
        south, north = latitude - math.degrees(angle), latitude + math.degrees(angle)
        # Near a pole or the date line the box is the whole parallel.
        around_a_pole = south <= -_POLE or north >= _POLE
        width = _EAST if around_a_pole else math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(latitude))))
        if longitude - width < -_EAST or longitude + width > _EAST:
            return cls(south=south, north=north, west=-_EAST, east=_EAST)
        return cls(south=south, north=north, west=longitude - width, east=longitude + width)
