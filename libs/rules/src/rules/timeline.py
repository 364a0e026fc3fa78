"""Work on a line of whole UTC minutes: its shifts, the gaps between them, and the minutes of each Dutch week."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from rules.roster import AMSTERDAM, DeclaredHours, WorkInterval, declared_slots, occurrences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rules.forms import Form

_WEEK = timedelta(days=7)


class Stretch(NamedTuple):
    """Work from minute ``start`` up to minute ``end``, counted from 1970 in UTC."""

    start: int
    end: int
    employer: str
    form: Form | None
    contract_id: str
    assumed: bool
    """It stands for declared hours: when it was worked is a guess, how much is not."""


class Shift(NamedTuple):
    """Work without a gap that would end it, from minute to minute."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Weeks:
    """Consecutive weeks from Monday 00:00 to Sunday 24:00 in Amsterdam, with the minutes worked in each."""

    mondays: tuple[date, ...]
    starts: tuple[int, ...]
    """One more than there are weeks: the last is where the last week ends."""
    minutes: tuple[int, ...]


def stretch_of(interval: WorkInterval) -> Stretch:
    """Return the interval in whole minutes; a begun minute counts, so that no limit is passed unseen."""
    return Stretch(
        start=int(interval.starts_at.timestamp() // 60),
        end=int(-(-interval.ends_at.timestamp() // 60)),
        employer=interval.employer,
        form=interval.form,
        contract_id=interval.contract_id,
        assumed=False,
    )


def stretches_of(declared: DeclaredHours, spread: Mapping[str, Any]) -> list[Stretch]:
    """Return the declared hours as the work that policy ``working_time.declared`` assumes."""
    slots = declared_slots(declared, spread)
    return [
        Stretch(
            start=int(start.timestamp()) // 60,
            end=int(end.timestamp()) // 60,
            employer=declared.employer,
            form=None,
            contract_id="",
            assumed=True,
        )
        for start, end in occurrences(slots, declared.first_day, declared.last_day)
    ]


def merged(spans: Iterable[tuple[int, int]], gap: int = 1) -> list[Shift]:
    """Join what overlaps or lies less than ``gap`` minutes apart; in order of time."""
    shifts: list[Shift] = []
    for start, end in sorted(spans):
        if shifts and start - shifts[-1].end < gap:
            if end > shifts[-1].end:
                shifts[-1] = Shift(shifts[-1].start, end)
        else:
            shifts.append(Shift(start, end))
    return shifts


def weeks_of(work: Sequence[Stretch]) -> Weeks:
    """Return every week from the first to the last work, empty ones included.

    Employers add up. Within one employer an hour counts once: a secondment lies inside the company's hours and
    replaces them, and declared hours are the floor, since seconded work is done in their time.
    """
    mondays, starts = _calendar(min(piece.start for piece in work), max(piece.end for piece in work))
    totals = [0] * len(mondays)
    for employer in sorted({piece.employer for piece in work}):
        mine = [piece for piece in work if piece.employer == employer]
        known = _per_week(merged((piece.start, piece.end) for piece in mine if not piece.assumed), starts)
        declared = _per_week(merged((piece.start, piece.end) for piece in mine if piece.assumed), starts)
        totals = [total + max(pair) for total, *pair in zip(totals, known, declared, strict=True)]
    return Weeks(mondays, starts, tuple(totals))


def clock(minute: int) -> str:
    """Return the minute as Amsterdam clock time with its offset, to be read by people."""
    return datetime.fromtimestamp(minute * 60, AMSTERDAM).isoformat(timespec="minutes")


def _calendar(first: int, last: int) -> tuple[tuple[date, ...], tuple[int, ...]]:
    day = datetime.fromtimestamp(first * 60, AMSTERDAM).date()
    monday = day - timedelta(days=day.weekday())
    mondays, starts = [], [_midnight(monday)]
    while starts[-1] < last:
        mondays.append(monday)
        monday += _WEEK
        starts.append(_midnight(monday))
    return tuple(mondays), tuple(starts)


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), AMSTERDAM).astimezone(UTC).timestamp()) // 60


def _per_week(shifts: Iterable[Shift], starts: Sequence[int]) -> list[int]:
    minutes = [0] * (len(starts) - 1)
    for start, end in shifts:
        week, since = bisect_right(starts, start) - 1, start
        while since < end:
            until = min(end, starts[week + 1])
            minutes[week] += until - since
            week, since = week + 1, until
    return minutes
