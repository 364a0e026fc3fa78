"""The subject of an event, and whether a vacancy is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from events import Event, name_of
from events.contracts import ContractEvent
from events.matching import VacancyPlaceFreed, VacancyWaiting, WaitlistPromoted
from events.registry import VacancyClosed, VacancyExpired, VacancyFilled, VacancyReopened, VacancyWithdrawn

_FOR_GOOD: Final = frozenset({name_of(VacancyWithdrawn.type), name_of(VacancyClosed.type)})
_FILLED: Final = name_of(VacancyFilled.type)
_EXPIRED: Final = name_of(VacancyExpired.type)
_REOPENED: Final = name_of(VacancyReopened.type)
_FREED: Final = name_of(VacancyPlaceFreed.type)
_WAITING: Final = name_of(VacancyWaiting.type)
_PROMOTED: Final = name_of(WaitlistPromoted.type)
DECISIVE: Final = _FOR_GOOD | {_FILLED, _EXPIRED, _REOPENED, _FREED, _WAITING, _PROMOTED}
"""Names of the events that end a vacancy or open it again, or put it on the waiting list or take it off."""


def is_over(names: Iterable[str]) -> bool:
    """Return whether a vacancy is over after events of these names, in the order in which they were handled.

    A withdrawn vacancy never comes back, in whatever order the events come in. A filled one does when a place frees,
    which its publisher may publish before the vacancy itself is reopened.
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


def waits(names: Sequence[str]) -> bool:
    """Return whether a vacancy is on the waiting list after events of these names, in the order of handling."""
    return next((name == _WAITING for name in reversed(names) if name in {_WAITING, _PROMOTED}), False)


def about(event: Event) -> UUID:
    """Return the aggregate that letters about an event are about: of assignments and hours it is the contract."""
    return event.contract_id if isinstance(event, ContractEvent) else UUID(event.key)
