"""The plan as a linear and an integer programme for HiGHS: a column per bundle, a row per person, place and group."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

from matching.plan.model.market import POINT, SURE_PLACE
from matching.plan.model.pricing import Prices
from matching.plan.model.table import NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from matching.plan.model.pricing import Bundles
    from matching.plan.model.table import Ints, Table

    Floats = NDArray[np.float64]

SEED: Final = 1
"""HiGHS draws its ties from it; another seed may find another plan of the same value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """The optimum of the linear programme over the present columns: value in points, prices, each column's part."""

    value: float
    prices: Prices
    people: Ints
    """The prices of the people."""
    parts: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The room that is left: the places of each row, and what each group has already."""

    places: Ints
    filled: Ints


class Relaxation:
    """The linear programme over bundles that are added bit by bit; HiGHS starts from where it was."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._scale = float(max(int(table.value.max(initial=0)), POINT))
        self._people, self._rows = len(table.people), len(table.rows)
        self._highs = _highs()
        _begin(self._highs, table, self._scale, np.bincount(table.person[table.pinned], minlength=self._people) > 0)
        self._segments = self._highs.getNumCol()

    def add(self, bundles: Bundles) -> None:
        """Add a column for each."""
        _columns(self._highs, self._table, bundles, self._scale)

    def solve(self, seconds: float) -> Relaxed | None:
        """Return the optimum, or None where the time was too short."""
        if math.isfinite(seconds):
            self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(seconds, 0.0))
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._highs.getSolution()
        duals = np.array(solution.row_dual) * self._scale
        rows = duals[self._people : self._people + self._rows]
        return Relaxed(
            value=self._highs.getObjectiveValue() * self._scale - self._table.penalty,
            prices=Prices(rows=_priced(rows), groups=_priced(duals[self._people + self._rows :] / SURE_PLACE)),
            people=_priced(duals[: self._people]),
            parts=np.array(solution.col_value)[self._segments :],
        )


def choose(table: Table, bundles: Bundles, room: Room, *, gap: float, seconds: float) -> tuple[Ints, bool]:
    """Choose the best of these bundles, at most one per person, within the room that is left.

    Returns:
        The numbers of the chosen lines, and whether HiGHS holds them for optimal (within ``gap``, a fraction).
    """
    scale = float(max(int(table.value.max(initial=0)), POINT))
    highs = _highs()
    highs.setOptionValue("mip_rel_gap", gap)
    highs.setOptionValue("mip_abs_gap", 0.5 / scale)
    if math.isfinite(seconds):
        highs.setOptionValue("time_limit", max(seconds, 0.0))
    must = np.zeros(len(table.people), dtype=np.bool_)
    must[table.person[table.pinned]] = True
    must &= np.isin(np.arange(len(table.people)), bundles.person)
    _begin(highs, table, scale, must, room)
    segments = highs.getNumCol()
    _columns(highs, table, bundles, scale)
    numbers = np.arange(segments, segments + len(bundles), dtype=np.int32)
    highs.changeColsIntegrality(len(numbers), numbers, np.full(len(numbers), 1, dtype=np.uint8))
    highs.run()
    optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    parts = np.array(highs.getSolution().col_value)[segments:]
    return np.flatnonzero(parts > 0.5), optimal  # noqa: PLR2004 - it is 0 or 1, but for the solver's tolerance


def _highs() -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call] # it has no types, the rest has
    # The output goes first: other options announce themselves.
    options: dict[str, bool | int | str] = {"output_flag": False, "threads": 1, "parallel": "off", "random_seed": SEED}
    for name, value in options.items():
        highs.setOptionValue(name, value)
    return highs


def _begin(highs: highspy.Highs, table: Table, scale: float, must: NDArray[np.bool_], room: Room | None = None) -> None:
    """Make the rows, and the columns of what groups count on top."""
    people, rows, groups = len(table.people), len(table.rows), len(table.groups)
    places = table.places if room is None else room.places
    filled = np.zeros(groups) if room is None else room.filled / SURE_PLACE
    lower = np.concatenate([np.where(must, 1.0, -highs.inf), np.full(rows + groups, -highs.inf)])
    upper = np.concatenate([np.ones(people), places.astype(np.float64), filled])
    empty = np.zeros(0, dtype=np.int32)
    highs.addRows(len(lower), lower, upper, 0, np.zeros(len(lower), dtype=np.int32), empty, np.zeros(0))
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    segments = [
        (people + rows + number, width, points)
        for number, group in enumerate(table.groups)
        for width, points in zip(group.widths, group.points, strict=True)
    ]
    count = len(segments)
    highs.addCols(
        count,
        np.array([points * SURE_PLACE for _, _, points in segments], dtype=np.float64) / scale,
        np.zeros(count),
        np.array([width for _, width, _ in segments], dtype=np.float64) / SURE_PLACE,
        count,
        np.arange(count, dtype=np.int32),
        np.array([row for row, _, _ in segments], dtype=np.int32),
        np.ones(count),
    )


def _columns(highs: highspy.Highs, table: Table, bundles: Bundles, scale: float) -> None:
    column, row, number = _entries(table, bundles)
    value = np.append(table.value, 0)[bundles.pairs].sum(axis=1)
    group = row >= len(table.people) + len(table.rows)
    highs.addCols(
        len(bundles),
        value / scale,
        np.zeros(len(bundles)),
        np.full(len(bundles), highs.inf),
        len(column),
        np.searchsorted(column, np.arange(len(bundles))).astype(np.int32),
        row.astype(np.int32),
        np.where(group, -number / SURE_PLACE, number),
    )


def _entries(table: Table, bundles: Bundles) -> tuple[Ints, Ints, Ints]:
    """Return column, row and number of each entry that is not 0, sorted."""
    people, rows, size = len(table.people), len(table.rows), len(table.keys)
    lines = np.arange(len(bundles))
    columns, places, numbers = [lines], [bundles.person], [np.ones(len(lines), dtype=np.int64)]
    for pair in bundles.pairs.T:
        for at, offset, amount in (
            (table.halves[:, 0], people, None),
            (table.halves[:, 1], people, None),
            (table.region, people + rows, table.amount),
            (table.subject, people + rows, table.amount),
        ):
            there = np.flatnonzero((pair != NONE) & (at[np.minimum(pair, size - 1)] != NONE))
            columns.append(lines[there])
            places.append(at[pair[there]] + offset)
            numbers.append(np.ones(len(there), dtype=np.int64) if amount is None else amount[pair[there]])
    height = people + rows + len(table.groups)
    keys = np.concatenate(columns) * height + np.concatenate(places)
    order = np.argsort(keys, kind="stable")
    keys, first = np.unique(keys[order], return_index=True)
    total = np.add.reduceat(np.concatenate(numbers)[order], first) if len(first) else np.zeros(0, dtype=np.int64)
    return keys // height, keys % height, total


def _priced(duals: Floats) -> Ints:
    return np.rint(np.maximum(duals, 0.0)).astype(np.int64)
