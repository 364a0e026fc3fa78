"""The part of the map within a trainer's reach: a box to search before distances are measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from matching.profile.model.distance import EARTH_RADIUS_KM

if TYPE_CHECKING:
    from matching.profile.model.distance import Place

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
