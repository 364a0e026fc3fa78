"""A week in local minutes: availability, lessons, and what both share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from common.errors import Invalid, InvalidParam, Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

DAYS: Final = 7
DAY: Final = 24 * 60
WEEK: Final = DAYS * DAY
WORDS: Final = -(-WEEK // 64)
"""A week of minutes, one bit each, in 64-bit words."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Slot:
    """A stretch within one day: ISO weekday (1 is Monday), minutes since local midnight, end not included.

    Raises:
        Invalid: no such day, or not within it; what crosses midnight is two slots.
    """

    weekday: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= DAYS:
            raise Invalid(InvalidParam("weekday", Message("must be 1 (Monday) to 7 (Sunday)"), "out-of-range"))
        if not 0 <= self.start < self.end <= DAY:
            raise Invalid(
                InvalidParam("end", Message("must be after the start and within the same day"), "out-of-range")
            )

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return self.end - self.start

    @property
    def bits(self) -> int:
        """Its minutes as bits of the week, Monday 00:00 first."""
        return ((1 << self.minutes) - 1) << ((self.weekday - 1) * DAY + self.start)

    def __str__(self) -> str:
        """Return for example ``2 08:30-12:00``: weekday and local time."""
        return f"{self.weekday} {_clock(self.start)}-{_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Week:
    """A weekly pattern; slots that overlap or touch count once."""

    slots: tuple[Slot, ...] = ()
    bits: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bits = 0
        for slot in self.slots:
            bits |= slot.bits
        object.__setattr__(self, "bits", bits)
        object.__setattr__(self, "slots", _merged(self.slots))

    @classmethod
    def of(cls, slots: Iterable[tuple[int, int, int]]) -> Week:
        """Build a week from (weekday, start, end) in minutes."""
        return cls(tuple(Slot(weekday=day, start=start, end=end) for day, start, end in slots))

    @property
    def minutes(self) -> int:
        """All minutes of the pattern."""
        return self.bits.bit_count()

    def overlap(self, other: Week) -> int:
        """Count the minutes that both have."""
        return (self.bits & other.bits).bit_count()

    def shared(self, other: Week) -> Week:
        """Return the minutes that both have."""
        return Week(
            tuple(
                Slot(weekday=mine.weekday, start=max(mine.start, theirs.start), end=min(mine.end, theirs.end))
                for mine in self.slots
                for theirs in other.slots
                if mine.weekday == theirs.weekday and max(mine.start, theirs.start) < min(mine.end, theirs.end)
            )
        )

    def without(self, other: Week) -> Week:
        """Return the minutes that are in this week and not in the other."""
        left: list[Slot] = []
        for mine in self.slots:
            start = mine.start
            for theirs in other.slots:
                if theirs.weekday == mine.weekday and theirs.end > start and theirs.start < mine.end:
                    if theirs.start > start:
                        left.append(Slot(weekday=mine.weekday, start=start, end=theirs.start))
                    start = theirs.end
            if start < mine.end:
                left.append(Slot(weekday=mine.weekday, start=start, end=mine.end))
        return Week(tuple(left))

    def widened(self, minutes: int) -> Week:
        """Return each slot longer by so much on either side, within its day."""
        return Week(
            tuple(
                Slot(weekday=slot.weekday, start=max(slot.start - minutes, 0), end=min(slot.end + minutes, DAY))
                for slot in self.slots
            )
        )

    def words(self) -> NDArray[np.uint64]:
        """Return the minutes as ``WORDS`` little-endian words, ready for a column."""
        return np.frombuffer(self.bits.to_bytes(WORDS * 8, "little"), dtype="<u8").astype(np.uint64)


def _merged(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    merged: list[Slot] = []
    for slot in sorted(slots):
        last = merged[-1] if merged else None
        if last is not None and last.weekday == slot.weekday and slot.start <= last.end:
            merged[-1] = Slot(weekday=last.weekday, start=last.start, end=max(last.end, slot.end))
        else:
            merged.append(slot)
    return tuple(merged)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
