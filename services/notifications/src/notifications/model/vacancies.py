"""Whether a vacancy is over, as its events tell: letters that speak of looking for somebody then make no sense."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from events import name_of
from events.matching import VacancyPlaceFreed
from events.registry import VacancyClosed, VacancyExpired, VacancyFilled, VacancyReopened, VacancyWithdrawn

WHILE_OPEN: Final = ("vacancy-posted", "vacancy-waiting")
"""Letters that are true only while the vacancy asks for somebody."""
_FOR_GOOD: Final = frozenset({name_of(VacancyWithdrawn.type), name_of(VacancyClosed.type)})
_FILLED: Final = name_of(VacancyFilled.type)
_EXPIRED: Final = name_of(VacancyExpired.type)
_REOPENED: Final = name_of(VacancyReopened.type)
_FREED: Final = name_of(VacancyPlaceFreed.type)
DECISIVE: Final = _FOR_GOOD | {_FILLED, _EXPIRED, _REOPENED, _FREED}
"""Names of the events that end a vacancy or open it again."""


def is_over(names: Iterable[str]) -> bool:
    """Return whether a vacancy is over after events of these names, in the order in which they were heard.

    A withdrawn vacancy never comes back, in whatever order the events come in. A filled one does when a place frees,
    which its publisher may tell before the vacancy itself is reopened.
    """
    ended: str | None = None
    for name in names:
        if name in _FOR_GOOD:
            return True
        if name in {_FILLED, _EXPIRED}:
            ended = name
        elif name == _REOPENED or (name == _FREED and ended == _FILLED):
            ended = None
    return ended is not None
