"""Weekly hours in clock time: how long they are, and whether they overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from events.words import Slot

DAY: Final = 24 * 60
WEEK: Final = 7 * DAY


def minutes(slots: Iterable[Slot]) -> int:
    """Return how many minutes a week they take; one that ends no later than it starts ends next day."""
    return sum(end - start for start, end in _spans(slots))


def overlapping(slots: Sequence[Slot]) -> bool:
    """Whether two of them share a minute; Sunday night runs on into Monday."""
    spans = sorted((start % WEEK, (start % WEEK) + end - start) for start, end in _spans(slots))
    around = [*spans, *((start + WEEK, end + WEEK) for start, end in spans[:1])]
    return any(end > following for (_, end), (following, _) in pairwise(around))


def _spans(slots: Iterable[Slot]) -> Iterator[tuple[int, int]]:
    for slot in slots:
        start = (slot.day - 1) * DAY + slot.starts.hour * 60 + slot.starts.minute
        end = (slot.day - 1) * DAY + slot.ends.hour * 60 + slot.ends.minute
        yield start, end if end > start else end + DAY
