"""A period and a weekly roster: what of them can be, the same for a vacancy, an offer, a contract and its work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from common.errors import InvalidParam, Message
from events.words import Slot

DAY: Final = 24 * 60
WEEK: Final = 7 * DAY


def minutes(slots: Iterable[Slot]) -> int:
    """Return how many minutes a week they take; one that ends no later than it starts ends next day."""
    return sum(end - start for start, end in spans(slots))


def overlapping(slots: Sequence[Slot]) -> bool:
    """Whether two of them share a minute; Sunday night runs on into Monday."""
    ordered = sorted((start % WEEK, (start % WEEK) + end - start) for start, end in spans(slots))
    around = [*ordered, *((start + WEEK, end + WEEK) for start, end in ordered[:1])]
    return any(end > following for (_, end), (following, _) in pairwise(around))


def spans(slots: Iterable[Slot]) -> Iterator[tuple[int, int]]:
    """Yield where each starts and ends, in minutes since Monday 00:00; Sunday night ends after the week."""
    for slot in slots:
        start = (slot.day - 1) * DAY + slot.starts.hour * 60 + slot.starts.minute
        end = (slot.day - 1) * DAY + slot.ends.hour * 60 + slot.ends.minute
        yield start, end if end > start else end + DAY


def period_faults(starts_on: date, ends_on: date | None) -> list[InvalidParam]:
    """Return what cannot be of a period whose days both count: one day is a period, None is without an end."""
    if ends_on is None or starts_on <= ends_on:
        return []
    return [InvalidParam("endsOn", Message("It ends on the day on which it starts, or later"), "out-of-order")]


def roster_faults(name: str, slots: Sequence[Slot], *, at_least: int = 0) -> list[InvalidParam]:
    """Return what cannot be of weekly hours, in the field ``name``; ``at_least`` minutes must fit into them."""
    faults = [fault for index, slot in enumerate(slots) for fault in _slot_faults(f"{name}.{index}", slot)]
    if faults:
        return faults
    if overlapping(slots):
        return [InvalidParam(name, Message("Two of these overlap"), "overlap")]
    if minutes(slots) < at_least:
        return [InvalidParam(name, Message("The roster has fewer minutes than the week asks"), "too-short")]
    return []


def _slot_faults(name: str, slot: Slot) -> list[InvalidParam]:
    if any(clock.second or clock.microsecond for clock in (slot.starts, slot.ends)):
        return [InvalidParam(name, Message("Give whole minutes"), "whole-minutes")]
    if slot.starts == slot.ends:
        return [InvalidParam(name, Message("It ends at another time than it starts"), "empty")]
    return []
