"""Which pairs of one person can be held alone, and which two of them together; with the rules against it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Final

import numpy as np

from matching.plan.model.table import NONE
from matching.profile.model.week import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from matching.plan.model.table import Flags, Ints, Lessons, Table

AT_ONCE: Final = 2_000_000
"""How many combinations are looked at in one go: it bounds the memory."""


class Rule(IntFlag):
    """A rule against holding pairs together."""

    WEEK = 1
    """A lesson lies outside the person's week."""
    OVERLAP = 2
    TRAVEL = 4
    MINUTES = 8
    """More than the person, the employer or working time leaves."""
    CAP = 16
    """More than a cap at one board leaves."""
    FORMS = 32
    """Two forms that do not go together at one board."""
    MOST = 64
    """More openings than the person holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Couples:
    """Two pairs of one person at two openings, the earlier pair first, sorted; ``broken`` has a bit per rule."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    broken: NDArray[np.uint8]


def alone(table: Table) -> NDArray[np.uint8]:
    """Return per pair the rules against holding it alone."""
    broken = np.zeros(len(table.keys), dtype=np.uint8)
    broken[~table.available] |= np.uint8(Rule.WEEK)
    broken[table.most[table.person] == 0] |= np.uint8(Rule.MOST)
    broken[table.minutes > table.free[table.person]] |= np.uint8(Rule.MINUTES)
    broken[over_cap(table, table.cap, table.minutes)] |= np.uint8(Rule.CAP)
    for pairs, engagements in _engaged(table):
        broken[pairs] |= _clashes(table, pairs, table.engagements, engagements)
    return broken


def together(table: Table, feasible: Flags) -> Couples:
    """Return all couples of feasible pairs, of people who may hold two."""
    left, right, broken = [], [], []
    for one, other in _couples(table, np.flatnonzero(feasible & (table.most[table.person] > 1))):
        left.append(one.astype(np.int32))
        right.append(other.astype(np.int32))
        broken.append(_against(table, one, other))
    return Couples(
        left=np.concatenate([np.zeros(0, np.int32), *left]),
        right=np.concatenate([np.zeros(0, np.int32), *right]),
        broken=np.concatenate([np.zeros(0, np.uint8), *broken]),
    )


def over_cap(table: Table, cap: Ints, minutes: Ints) -> Flags:
    """Tell where so many minutes are more than the cap leaves; ``NONE`` is no cap."""
    limits = np.append(table.caps, np.iinfo(np.int64).max)
    return minutes > limits[cap]


def joined(counts: Ints) -> tuple[Ints, Ints]:
    """Return for each line its number ``counts`` times, and how often it came before."""
    lines = np.repeat(np.arange(len(counts)), counts)
    return lines, np.arange(len(lines)) - np.repeat(np.cumsum(counts) - counts, counts)


def in_chunks(counts: Ints) -> Iterator[slice]:
    """Cut lines that grow to ``counts`` lines each into stretches of about ``AT_ONCE``."""
    grown, start = np.cumsum(counts), 0
    while start < len(counts):
        before = grown[start - 1] if start else 0
        end = max(int(np.searchsorted(grown, before + AT_ONCE, side="right")), start + 1)
        yield slice(start, end)
        start = end


def _couples(table: Table, pairs: Ints) -> Iterator[tuple[Ints, Ints]]:
    person = table.person[pairs]
    later = np.searchsorted(person, person, side="right") - np.arange(len(pairs)) - 1
    for chunk in in_chunks(later):
        lines, before = joined(later[chunk])
        one = pairs[chunk][lines]
        other = pairs[chunk.start + lines + 1 + before]
        two = table.opening[one] != table.opening[other]
        yield one[two], other[two]


def _against(table: Table, one: Ints, other: Ints) -> NDArray[np.uint8]:
    broken = _clashes(table, one, table.lessons, other)
    minutes = table.minutes[one] + table.minutes[other]
    broken[minutes > table.free[table.person[one]]] |= np.uint8(Rule.MINUTES)
    shared = np.where(table.cap[one] == table.cap[other], table.cap[one], NONE)
    broken[over_cap(table, shared, minutes)] |= np.uint8(Rule.CAP)
    board = table.board[one] == table.board[other]
    broken[board & table.apart[table.form[one], table.form[other]]] |= np.uint8(Rule.FORMS)
    return broken


def _engaged(table: Table) -> Iterator[tuple[Ints, Ints]]:
    first = np.searchsorted(table.person, table.engaged, side="left")
    counts = np.searchsorted(table.person, table.engaged, side="right") - first
    for chunk in in_chunks(counts):
        lines, before = joined(counts[chunk])
        # Two engagements of one person may clash with the same pair: one at a time.
        pairs, engagements = first[chunk][lines] + before, chunk.start + lines
        order = np.argsort(pairs, kind="stable")
        nth = np.arange(len(order)) - np.searchsorted(pairs[order], pairs[order], side="left")
        for number in range(int(nth.max(initial=-1)) + 1):
            yield pairs[order][nth == number], engagements[order][nth == number]


def _clashes(table: Table, pairs: Ints, others: Lessons, lines: Ints) -> NDArray[np.uint8]:
    mine = table.lessons
    broken = np.zeros(len(pairs), dtype=np.uint8)
    travel = table.journeys.between(mine.location[pairs], others.location[lines])
    for first in range(len(mine.start)):
        for second in range(len(others.start)):
            both = np.flatnonzero((mine.count[pairs] > first) & (others.count[lines] > second))
            one, other, way = pairs[both], lines[both], travel[both]
            begins, ends = mine.start[first, one], mine.end[first, one]
            starts, stops = others.start[second, other], others.end[second, other]
            overlap = (begins < stops) & (starts < ends)
            close = (begins // DAY == starts // DAY) & (begins < stops + way) & (starts < ends + way)
            broken[both[overlap]] |= np.uint8(Rule.OVERLAP)
            broken[both[close & ~overlap]] |= np.uint8(Rule.TRAVEL)
    return broken
