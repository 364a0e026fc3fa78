"""From a weekly roster in Dutch clock time to intervals in UTC, right on the nights that have 23 or 25 hours."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from common.errors import Refused
from rules.forms import Form

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
_ONE_DAY: Final = timedelta(days=1)


class NotAnInterval(Refused):
    """An interval needs an offset from UTC and must end after it starts; {starts_at} to {ends_at} does not."""


class NotARoster(Refused):
    """Declared hours need at least one working day of 1 (Monday) to 7 and minutes that fit into them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A recurring piece of a week in Amsterdam clock time; one that ends no later than it starts ends next day."""

    weekday: int
    """ISO: 1 is Monday, 7 is Sunday."""
    starts: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkInterval:
    """A piece of work at an absolute time, and under whose employment it falls."""

    starts_at: datetime
    ends_at: datetime
    employer: str
    """Whose contract of employment the hours fall under: for a secondment that is the company, not the school."""
    form: Form | None = None
    """None is the main job."""
    contract_id: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no interval."""
        if self.starts_at.utcoffset() is None or self.ends_at.utcoffset() is None or self.ends_at <= self.starts_at:
            raise NotAnInterval(starts_at=self.starts_at.isoformat(), ends_at=self.ends_at.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredHours:
    """Hours at an employer whose roster is unknown: minutes a week and on which weekdays, both days included."""

    employer: str
    minutes_per_week: int
    working_days: frozenset[int]
    """ISO weekdays, 1 to 7."""
    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        """Refuse hours that have no day to be worked on."""
        minutes_in_a_day = 24 * 60
        fits = 0 <= self.minutes_per_week <= minutes_in_a_day * len(self.working_days)
        if not self.working_days or not self.working_days <= set(range(1, 8)) or not fits:
            raise NotARoster


def occurrences(
    slots: Iterable[Slot], first_day: date, last_day: date, except_days: Collection[date] = ()
) -> Iterator[tuple[datetime, datetime]]:
    """Yield every (start, end) in UTC of the slots that start from the first to the last day, in order of day.

    ``except_days`` are days on which nothing starts, such as school holidays. A clock time that is skipped in
    spring counts as one hour later; a slot that thereby loses all its time does not occur. A clock time that
    comes twice in autumn is the first of the two.
    """
    by_weekday: dict[int, list[Slot]] = {}
    for slot in sorted(slots, key=lambda slot: slot.starts):
        by_weekday.setdefault(slot.weekday, []).append(slot)
    day = first_day
    while day <= last_day:
        if day not in except_days:
            for slot in by_weekday.get(day.isoweekday(), ()):
                ends_on = day if slot.ends > slot.starts else day + _ONE_DAY
                start, end = _in_utc(day, slot.starts), _in_utc(ends_on, slot.ends)
                if end > start:
                    yield start, end
        day += _ONE_DAY


def rostered(
    slots: Iterable[Slot],
    first_day: date,
    last_day: date,
    *,
    employer: str,
    form: Form | None = None,
    contract_id: str = "",
    except_days: Collection[date] = (),
) -> tuple[WorkInterval, ...]:
    """Return the work intervals of a weekly roster; see ``occurrences``."""
    return tuple(
        WorkInterval(starts_at=start, ends_at=end, employer=employer, form=form, contract_id=contract_id)
        for start, end in occurrences(slots, first_day, last_day, except_days)
    )


def declared_slots(declared: DeclaredHours, value: Mapping[str, Any]) -> tuple[Slot, ...]:
    """Spread declared minutes evenly over the working days, by policy ``working_time.declared``.

    The day starts at ``startsAt``; one long enough gets a break as far as it then still fits before ``endsAt``.
    A day that does not fit runs on.
    """
    opens, closes = time.fromisoformat(value["startsAt"]), time.fromisoformat(value["endsAt"])
    room = _minutes(closes) - _minutes(opens)
    days = sorted(declared.working_days)
    share, rest = divmod(declared.minutes_per_week, len(days))
    slots: list[Slot] = []
    for index, weekday in enumerate(days):
        minutes = share + (index < rest)
        pause = min(value["breakMinutes"], max(room - minutes, 0)) if minutes > value["breakAfterMinutes"] else 0
        if pause:
            slots.append(_slot(weekday, _minutes(opens), minutes // 2))
            slots.append(_slot(weekday, _minutes(opens) + minutes // 2 + pause, minutes - minutes // 2))
        elif minutes:
            slots.append(_slot(weekday, _minutes(opens), minutes))
    return tuple(slots)


def _slot(weekday: int, start: int, minutes: int) -> Slot:
    return Slot(weekday=weekday, starts=_clock(start), ends=_clock(start + minutes))


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _clock(minutes: int) -> time:
    hour, minute = divmod(minutes, 60)
    return time(hour % 24, minute)


def _in_utc(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, AMSTERDAM).astimezone(UTC)
