"""The lottery between candidates who fit equally well: drawn by a seed that everybody may know."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from numpy.typing import NDArray

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_THIRTY: Final = np.uint64(30)
_TWENTY_SEVEN: Final = np.uint64(27)
_THIRTY_ONE: Final = np.uint64(31)


def seed_of(vacancy_id: UUID, day: date) -> int:
    """Return the seed of a vacancy's draw on a day, 64 bits: nobody chooses it, and anybody can compute it again."""
    return int.from_bytes(hashlib.sha256(f"{vacancy_id}/{day.isoformat()}".encode()).digest()[:8], "big")


def lots(ids: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Draw a lot for each id (its high and low half, a line each); the lowest comes first.

    The lot of one trainer depends on no other trainer, so that no place changes when somebody else comes or goes.
    Two rounds of SplitMix64 (Steele, Lea and Flood, 2014), a published mix of 64 bits.
    """
    return _mixed(_mixed(ids[0] ^ np.uint64(seed)) ^ ids[1])


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = numbers + _STEP  # arrays of unsigned numbers wrap around, as the mix asks
    mixed = (mixed ^ (mixed >> _THIRTY)) * _FIRST
    mixed = (mixed ^ (mixed >> _TWENTY_SEVEN)) * _SECOND
    return mixed ^ (mixed >> _THIRTY_ONE)
