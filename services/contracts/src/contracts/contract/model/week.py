"""A weekly roster in Amsterdam clock time: which minutes it has, and which of them are agreed on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import time
from itertools import pairwise
from typing import Final

from events.words import Slot
from rules.weekly import DAY, WEEK, overlapping, spans

__all__ = ["DAY", "WEEK", "agreed", "minutes", "minutes_on", "overlapping", "touches"]

_RUN: Final = re.compile("1+")


def minutes(slots: Iterable[Slot]) -> int:
    """Return how many minutes a week the slots have; a minute that stands in two of them counts once."""
    return _mask(slots).bit_count()


def minutes_on(slots: Iterable[Slot], day: int) -> int:
    """Return how many of them lie on a day of the week, 1 (Monday) to 7; a night's second half is the next day's."""
    return (_mask(slots) >> (day - 1) * DAY & ((1 << DAY) - 1)).bit_count()


def agreed(
    asked: Sequence[Slot], available: Sequence[Slot], wanted: int, *, avoided: Sequence[Slot] = ()
) -> tuple[Slot, ...]:
    """Return when the lessons are: the earliest minutes that suit both, then the school's, up to ``wanted``.

    Minutes in ``avoided`` come last.
    """
    school, suits, last = _mask(asked), _mask(available), _mask(avoided)
    chosen = 0
    for part in (school & suits & ~last, school & ~suits & ~last, school & suits & last, school & last):
        chosen |= _earliest(part & ~chosen, wanted - chosen.bit_count())
    return _slots(chosen)


def touches(slots: Iterable[Slot], others: Iterable[Slot]) -> bool:
    """Whether the two weeks have a minute in common."""
    return bool(_mask(slots) & _mask(others))


def _mask(slots: Iterable[Slot]) -> int:
    """The minutes as bits of the week, Monday 00:00 first."""
    bits = 0
    for start, end in spans(slots):
        span = ((1 << (end - start)) - 1) << start
        bits |= (span | span >> WEEK) & ((1 << WEEK) - 1)
    return bits


def _runs(bits: int) -> Iterator[tuple[int, int]]:
    for found in _RUN.finditer(f"{bits:b}"[::-1]):
        yield found.span()


def _earliest(bits: int, wanted: int) -> int:
    taken = 0
    for start, end in _runs(bits):
        take = min(end - start, max(wanted, 0))
        taken |= ((1 << take) - 1) << start
        wanted -= take
    return taken


def _slots(bits: int) -> tuple[Slot, ...]:
    """One slot per run and day: what crosses midnight is two, and so is a whole day."""
    found = []
    for start, end in _runs(bits):
        for day in range(start // DAY, -(-end // DAY)):
            begins, stops = max(start, day * DAY), min(end, (day + 1) * DAY)
            cuts = (begins, begins + DAY // 2, stops) if stops - begins == DAY else (begins, stops)
            found += [Slot(day=day + 1, starts=_clock(since), ends=_clock(until)) for since, until in pairwise(cuts)]
    return tuple(found)


def _clock(minute: int) -> time:
    hour, rest = divmod(minute % DAY, 60)
    return time(hour, rest)
