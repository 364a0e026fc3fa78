"""The subject of an event, whether a vacancy is over, and what the work of a vacancy or a contract is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from events import Event, name_of
from events.contracts import (
    ContractAmended,
    ContractDrafted,
    ContractEvent,
    ContractExtended,
    ContractSigned,
    NoticeGiven,
)
from events.matching import VacancyPlaceFreed, VacancyWaiting, WaitlistPromoted
from events.registry import (
    VacancyChanged,
    VacancyClosed,
    VacancyExpired,
    VacancyFilled,
    VacancyPosted,
    VacancyReopened,
    VacancyWithdrawn,
)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The work that a letter is about: codes, minutes a week and days; no person and no organisation."""

    subject: str | None
    """A trade or subject of the reference list; None where only the contract is known."""
    role: str
    school_type: str
    form: str | None
    """None for a vacancy, which accepts several."""
    minutes_per_week: int
    starts_on: date
    ends_on: date | None
    roster: Sequence[Mapping[str, Any]] | None
    """Weekly hours: ``day``, ``starts``, ``ends``; None by agreement, or where they are not known."""

    @property
    def known_until(self) -> date:
        """The day until which letters may be about it; work without an end counts for a year from its start."""
        return self.ends_on or self.starts_on + _A_YEAR


_A_YEAR: Final = timedelta(days=366)
DESCRIBED: Final = (VacancyPosted, VacancyChanged, ContractDrafted)
"""The events that describe the whole of the work."""
FOLLOWED: Final = (ContractSigned, ContractExtended, NoticeGiven, ContractAmended)
"""The events that change what is known of a contract's work. An agreed end is none: it may still be taken back."""


def work_of(event: Event) -> UUID | None:
    """Return the contract or vacancy whose work letters about an event are about."""
    if isinstance(event, ContractEvent):
        return event.contract_id
    vacancy: UUID | None = getattr(event, "vacancy_id", None)
    return vacancy


def described(event: Event, asked: Work | None) -> Work | None:
    """Return what an event describes; of a contract with the subject of the vacancy that ``asked`` is, where known.

    None where it describes nothing.
    """
    roster: list[dict[str, Any]] | None = None
    form: str | None = None
    if isinstance(event, (VacancyPosted, VacancyChanged)):
        roster = None if event.roster is None else [slot.model_dump(mode="json") for slot in event.roster]
        subject: str | None = event.subject
    elif isinstance(event, ContractDrafted):
        form, subject = event.form.value, None if asked is None else asked.subject
    else:
        return None
    return Work(
        subject=subject,
        role=event.role.value,
        school_type=event.school_type.value,
        form=form,
        minutes_per_week=event.minutes_per_week,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        roster=roster,
    )


def followed(work: Work, event: Event) -> Work | None:
    """Return the work after an event about its contract; None where it is not known any more what the work is."""
    if isinstance(event, ContractSigned):
        return replace(work, minutes_per_week=event.minutes_per_week, starts_on=event.starts_on)
    if isinstance(event, (ContractExtended, NoticeGiven)):
        return replace(work, ends_on=event.ends_on)
    return None if isinstance(event, ContractAmended) else work
