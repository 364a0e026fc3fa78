"""When outsiders see that the talent pool changed: an edition a day, in which no trainer changes alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from common.policy import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Editions:
    """Policy ``matching.editions``."""

    smallest_change: int
    """An area is shown anew once at least so many of its trainers came, changed or left."""
    at_latest: timedelta
    """After this it is shown anew even if fewer did, so that a school of a quiet area sees who there is."""
    spread: timedelta
    """What one trainer causes at several vacancies of a board is spread over so long."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Editions:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.editions", day).value
        return cls(
            smallest_change=value["smallestChange"],
            at_latest=timedelta(days=value["atLatestDays"]),
            spread=timedelta(hours=value["spreadHours"]),
        )

    def ready(self, changed: Mapping[str, int], complete_on: Mapping[str, date], today: date) -> frozenset[str]:
        """Return the areas to be shown anew.

        ``changed`` counts by area the trainers who are shown other than they are; ``complete_on`` is the last day on
        which an area was shown as it was. In an area that is not there no trainer was seen yet.
        """
        return frozenset(
            area
            for area, trainers in changed.items()
            if trainers >= self.smallest_change or today - complete_on.get(area, today) >= self.at_latest
        )
