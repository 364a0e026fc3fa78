"""How far apart two places are, in whole kilometres and without a rounding error anywhere.

A place becomes a point on the sphere in whole decimetres. Between two such points the squared chord is an
exact integer, whatever the processor or the length of the array; the kilometres are then looked up among
the squared chords of 0, 1, 2 … km along the great circle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from common.errors import Invalid, InvalidParam, Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius (IUGG)."""
_RADIUS: Final = EARTH_RADIUS_KM * 10_000
FARTHEST: Final = 20_000
"""Hectometres: farther than any travel limit reaches, so what lies beyond counts as equally far."""
_MICRO: Final = 1_000_000
_NORTH: Final = 90 * _MICRO
_EAST: Final = 180 * _MICRO


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point in millionths of a degree (WGS 84).

    Raises:
        Invalid: not on the globe.
    """

    latitude: int
    longitude: int

    def __post_init__(self) -> None:
        if abs(self.latitude) > _NORTH:
            raise Invalid(InvalidParam("latitude", Message("must be between -90 and 90 degrees"), "out-of-range"))
        if abs(self.longitude) > _EAST:
            raise Invalid(InvalidParam("longitude", Message("must be between -180 and 180 degrees"), "out-of-range"))

    @classmethod
    def at(cls, latitude: float, longitude: float) -> Place:
        """Take degrees."""
        return cls(latitude=round(latitude * _MICRO), longitude=round(longitude * _MICRO))

    @property
    def point(self) -> tuple[int, int, int]:
        """Its x, y and z on the sphere, in decimetres."""
        north, east = math.radians(self.latitude / _MICRO), math.radians(self.longitude / _MICRO)
        level = _RADIUS * math.cos(north)
        return round(level * math.cos(east)), round(level * math.sin(east)), round(_RADIUS * math.sin(north))

    def kilometres_to(self, other: Place) -> int:
        """Return the distance along the great circle, rounded up to whole kilometres."""
        chord = sum((a - b) ** 2 for a, b in zip(self.point, other.point, strict=True))
        return int(kilometres(np.array([chord], dtype=np.int64))[0])


def chords(points: NDArray[np.int32], place: Place) -> NDArray[np.int64]:
    """Return the squared chord in dm² from each of ``points`` (three lines, in dm) to ``place``."""
    total = np.zeros(points.shape[1], dtype=np.int64)
    for axis, here in zip(points, place.point, strict=True):
        apart = axis.astype(np.int64) - here
        total += apart * apart
    return total


def kilometres(squared_chords: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the smallest number of whole kilometres that covers each squared chord (dm²)."""
    return np.searchsorted(_CHORD_OF_KM, squared_chords, side="left").astype(np.int32)


def hectometres(squared_chords: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the smallest number of whole hectometres that covers each squared chord (dm²), ``FARTHEST`` at most."""
    return np.searchsorted(_CHORD_OF_HM, squared_chords, side="left").astype(np.int64)


def _chord_of_hm() -> NDArray[np.int64]:
    angles = (hm / (2 * EARTH_RADIUS_KM * 10) for hm in range(FARTHEST))
    return np.array([round(2 * _RADIUS * math.sin(angle)) ** 2 for angle in angles], dtype=np.int64)


def _chord_of_km() -> NDArray[np.int64]:
    half_way_round = math.ceil(math.pi * EARTH_RADIUS_KM)
    angles = (min(km / (2 * EARTH_RADIUS_KM), math.pi / 2) for km in range(half_way_round + 1))
    return np.array([round(2 * _RADIUS * math.sin(angle)) ** 2 for angle in angles], dtype=np.int64)


_CHORD_OF_KM: Final = _chord_of_km()
_CHORD_OF_HM: Final = _chord_of_hm()
