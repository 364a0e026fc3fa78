"""Distance by road in whole kilometres, for a whole pool at once and in whole numbers only."""

# The road is the great circle times a factor of policy, per pair of labour-market regions: a river or a lake between
# two regions makes a detour. The way begins at home, or at the company on the days on which the trainer works there.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from matching.profile.model.columns import ABSENT, Number, weekday_bits
from matching.profile.model.distance import chords, hectometres

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from matching.profile.model.columns import Columns
    from matching.profile.model.distance import Place

_STRAIGHT: Final = 1_000
_HECTOMETRES_PER_KM: Final = 10


@dataclass(frozen=True, slots=True)
class Roads:
    """Policy ``matching.road``: kilometres of road per 1,000 km of great circle."""

    per_mille: int
    detours: Mapping[frozenset[str], int]
    """For a pair of regions, or for the ways within one."""

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Roads:
        """Read the policy; no road is shorter than the great circle, whatever the row has."""
        detours = {frozenset(pair["regions"]): max(int(pair["perMille"]), _STRAIGHT) for pair in value["detours"]}
        return cls(max(int(value["perMille"]), _STRAIGHT), detours)

    def between(self, region: str | None, other: str | None) -> int:
        """Return the factor for a way from one region to another, in either direction."""
        if region is None or other is None:
            return self.per_mille
        return self.detours.get(frozenset({region, other}), self.per_mille)

    def kilometres(
        self, columns: Columns, rows: int, *, to: Place, region: str | None, weekdays: Iterable[int]
    ) -> NDArray[np.int32]:
        """Return for the first ``rows`` rows how far it is to a school, rounded up.

        On a weekday on which the trainer works at the company the way begins there, on all others at home. Of several
        ways the longest counts: the trainer must be ready to go it. Without weekdays the trainer chooses the days,
        and the way begins at home.
        """
        days = weekday_bits(weekdays)
        factors = np.array([self.between(known, region) for known in columns.regions], dtype=np.int64)
        numbers = columns.numbers[:, :rows]
        far = by_road(chords(columns.points[:, :rows], to), factors[numbers[Number.REGION]])
        at_work = numbers[Number.COMPANY_DAYS] & days
        leaving = np.flatnonzero(at_work)
        if len(leaving):
            from_work = by_road(
                chords(columns.company_points[:, leaving], to), factors[numbers[Number.COMPANY_REGION, leaving]]
            )
            never_from_home = at_work[leaving] == days
            far[leaving] = np.where(never_from_home, from_work, np.maximum(from_work, far[leaving]))
        return far


def limits(columns: Columns, rows: int, radius_km: int) -> NDArray[np.int32]:
    """Return how far each of the first ``rows`` trainers travels; ``radius_km`` where no limit was named."""
    named = columns.numbers[Number.LIMIT, :rows]
    return np.where(named == ABSENT, np.int32(radius_km), named)


def by_road(squared_chords: NDArray[np.int64], per_mille: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return whole kilometres, rounded up."""
    return -(-hectometres(squared_chords) * per_mille // (_HECTOMETRES_PER_KM * _STRAIGHT)).astype(np.int32)
