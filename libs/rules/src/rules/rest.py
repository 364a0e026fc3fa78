"""Rest between shifts: R5 each day, R6 each week; a rest is the longest stretch without work in a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rules.timeline import Shift


class Rest(NamedTuple):
    """A rest that was measured against what it had to be, in minutes; ``start`` and ``end`` bound its window."""

    measured: int
    limit: int
    start: int
    end: int

    @property
    def short(self) -> bool:
        """Whether it was too short."""
        return self.measured < self.limit


def worst(rests: Sequence[Rest]) -> Rest:
    """Return the one that misses its limit most, or has the least to spare."""
    return min(rests, key=lambda rest: (rest.measured - rest.limit, rest.start))


def daily(shifts: Sequence[Shift], value: Mapping[str, Any]) -> list[Rest]:
    """Measure the rest in each 24 hours that begin with the first shift after the rest before (policy R5).

    A gap between two pieces of one working day is so no rest that falls short; the night after it is what counts.
    A short rest is allowed where no seven times 24 hours hold both it and the short one before: each week on the
    same evening is allowed, also in the week that spring makes an hour shorter.
    """
    rests: list[Rest] = []
    index, last_short = 0, None
    while index < len(shifts):
        begins = shifts[index].start
        rest, free_from, index = _longest_gap(shifts, index, value)
        limit = value["minRestMinutes"]
        if rest < limit:
            allowed = last_short is None or free_from + rest - last_short > value["shortRestOncePerMinutes"]
            limit = value["shortRestMinutes"] if allowed else limit
            last_short = free_from
        rests.append(Rest(rest, limit, begins, begins + value["windowMinutes"]))
    return rests


def _longest_gap(shifts: Sequence[Shift], index: int, value: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return the rest of the window that begins with a shift, when it began, and the first shift after it.

    The first gap that is long enough is the rest; where none is, it is the longest.
    """
    window_ends = shifts[index].start + value["windowMinutes"]
    rest, free_from, after = 0, shifts[index].end, index + 1
    for gap_index, start, end in _gaps(shifts, index, window_ends):
        if end - start > rest:
            rest, free_from, after = end - start, start, gap_index + 1
        if rest >= value["minRestMinutes"]:
            break
    return rest, free_from, after


def weekly(shifts: Sequence[Shift], value: Mapping[str, Any]) -> list[Rest]:
    """Measure the rest in the seven days from each shift on, or else that of fourteen days (policy R6).

    The rest of fourteen days may be split into parts that are not too short themselves.
    """
    rests = []
    for index, shift in enumerate(shifts):
        week_ends = shift.start + value["windowMinutes"]
        longest = max((end - start for _, start, end in _gaps(shifts, index, week_ends)), default=0)
        rest = Rest(longest, value["minRestMinutes"], shift.start, week_ends)
        if rest.short:
            long_window_ends = shift.start + value["longWindowMinutes"]
            parts = (end - start for _, start, end in _gaps(shifts, index, long_window_ends))
            together = sum(part for part in parts if part >= value["minPartMinutes"])
            if together >= value["minRestInLongWindowMinutes"]:
                rest = Rest(together, value["minRestInLongWindowMinutes"], shift.start, long_window_ends)
        rests.append(rest)
    return rests


def _gaps(shifts: Sequence[Shift], index: int, until: int) -> Iterator[tuple[int, int, int]]:
    """Yield (index of the shift before it, start, end) of each gap, as far as it lies before ``until``."""
    for before in range(index, len(shifts)):
        start = shifts[before].end
        if start >= until:
            return
        end = shifts[before + 1].start if before + 1 < len(shifts) else until
        yield before, start, min(end, until)
