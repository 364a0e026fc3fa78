"""The best bundle of each person at given prices, over all bundles and exactly; and a bound from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.plan.model.table import NONE
from matching.plan.model.together import in_chunks, joined, over_cap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from matching.plan.model.table import Flags, Ints, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Whole points: per row of a place, and per group for each ten-thousandth of half a place; never below 0."""

    rows: Ints
    groups: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundles:
    """Per line a person, up to three pairs (``NONE`` where there are fewer) and what they are worth at the prices."""

    person: Ints
    pairs: Ints
    """Three columns."""
    gain: Ints

    @classmethod
    def none(cls) -> Bundles:
        """Return no line."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(person=empty, pairs=empty.reshape(0, 3), gain=empty)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.person)

    def of(self, wanted: Flags | Ints) -> Bundles:
        """Return these lines."""
        return Bundles(person=self.person[wanted], pairs=self.pairs[wanted], gain=self.gain[wanted])

    def and_(self, other: Bundles) -> Bundles:
        """Return the lines of both."""
        return Bundles.all_of([self, other])

    @classmethod
    def all_of(cls, parts: Sequence[Bundles]) -> Bundles:
        """Return the lines of all of them, of which there is one at least."""
        return cls(
            person=np.concatenate([each.person for each in parts]),
            pairs=np.concatenate([each.pairs for each in parts]),
            gain=np.concatenate([each.gain for each in parts]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The outcome of prices."""

    bound: int
    """No plan is worth more."""
    best: Ints
    """Per person what the best bundle is worth, 0 where none is worth anything."""
    bundles: Bundles
    """Those within the slack of the best, best first per person."""


class Pricer:
    """Finds the best bundles. What can be held together can be held in part, so only gainful pairs are combined."""

    def __init__(self, table: Table, feasible: Flags, left: NDArray[np.int32], right: NDArray[np.int32]) -> None:
        self._table, self._feasible, self._left, self._right = table, feasible, left, right
        self._must = np.bincount(table.person[table.pinned], minlength=len(table.people))
        self._begins = np.searchsorted(left, np.arange(len(table.keys) + 1))
        """Per pair where the couples begin of which it is the first."""

    def weights(self, prices: Prices) -> Ints:
        """Return what each pair is worth at the prices."""
        table = self._table
        rows, groups = np.append(prices.rows, 0), np.append(prices.groups, 0)
        gained = groups[table.region] + groups[table.subject]
        weights: Ints = table.value + table.amount * gained - rows[table.halves[:, 0]] - rows[table.halves[:, 1]]
        return weights

    def price(self, prices: Prices, *, slack: int = 0, keep: int = 1, most: int | None = None) -> Priced:
        """Look at all bundles: the bound, and per person up to ``keep`` of them within ``slack`` of the best.

        With ``most`` only so many pairs per person are combined: quicker, and then the bound is none.
        """
        table, weights = self._table, self.weights(prices)
        found = self._found(weights, slack, most)
        best = np.where(self._must > 0, np.iinfo(np.int64).min, 0)
        np.maximum.at(best, found.person, found.gain)
        close = found.of(found.gain >= best[found.person] - slack)
        order = np.lexsort((*close.pairs.T[::-1], -close.gain, close.person))
        close = close.of(order)
        nth = np.arange(len(close)) - np.searchsorted(close.person, close.person, side="left")
        bound = int(best.sum()) + int((prices.rows * table.places).sum()) - table.penalty
        bound += sum(group.rest(price) for group, price in zip(table.groups, prices.groups.tolist(), strict=True))
        return Priced(bound=bound, best=best, bundles=close.of(nth < keep))

    def with_each(self, prices: Prices) -> Ints:
        """Return per pair what the best bundle with it and at most one other is worth at the prices."""
        weights = self.weights(prices)
        gains = weights.copy()
        for one, other in ((self._left, self._right), (self._right, self._left)):
            gainful = np.flatnonzero(weights[other] > 0)
            np.maximum.at(gains, one[gainful], weights[one[gainful]] + weights[other[gainful]])
        return gains

    def _found(self, weights: Ints, slack: int, most: int | None) -> Bundles:
        """Find every bundle that can be within the slack of its person's best."""
        table = self._table
        gainful = self._feasible & ((weights > -slack - 1) if slack else (weights > 0)) | table.pinned
        if most is not None:
            gainful = _highest(table.person, weights, gainful, most) | table.pinned
        single = np.flatnonzero(gainful & self._feasible)
        kept = self._couples_of(np.flatnonzero(gainful))
        kept = kept[gainful[self._right[kept]]]
        left, right = self._left[kept].astype(np.int64), self._right[kept].astype(np.int64)
        couples = _bundles(table, weights, left, right)
        found = _bundles(table, weights, single).and_(couples)
        best = np.zeros(len(table.people), dtype=np.int64)
        np.maximum.at(best, found.person, found.gain)
        highest = np.zeros(len(table.people), dtype=np.int64)
        np.maximum.at(highest, table.person[single], weights[single])
        three = table.most[couples.person] >= 3  # noqa: PLR2004 - the most that a bundle has
        promising = couples.gain + highest[couples.person] > best[couples.person] - slack - 1
        promising |= self._must[couples.person] > 0
        return self._pinned(self._with_triples(weights, found, left, right, three & promising, slack, best))

    def _couples_of(self, first: Ints) -> Ints:
        """Return the couples that begin with one of these pairs, in their order."""
        begins = self._begins[first]
        which, before = joined(self._begins[first + 1] - begins)
        return begins[which] + before

    def _with_triples(
        self, weights: Ints, found: Bundles, left: Ints, right: Ints, extends: Flags, slack: int, best: Ints
    ) -> Bundles:
        table, pairs = self._table, len(self._table.keys)
        keys = left * pairs + right
        lines = np.flatnonzero(extends)
        end = np.searchsorted(left, left[lines], side="right")
        counts = end - lines - 1
        parts = [found]
        for chunk in in_chunks(counts):
            which, before = joined(counts[chunk])
            first = lines[chunk][which]
            third = right[first + 1 + before]
            one, two = left[first], right[first]
            gain = weights[one] + weights[two] + weights[third]
            close = (gain >= best[table.person[one]] - slack) | (self._must[table.person[one]] > 0)
            one, two, third = one[close], two[close], third[close]
            wanted = two * pairs + third
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            fits = keys[at] == wanted
            minutes = table.minutes[one] + table.minutes[two] + table.minutes[third]
            fits &= minutes <= table.free[table.person[one]]
            cap = np.where(
                (table.cap[one] == table.cap[two]) & (table.cap[two] == table.cap[third]), table.cap[one], NONE
            )
            fits &= ~over_cap(table, cap, minutes)
            parts.append(_bundles(table, weights, one[fits], two[fits], third[fits]))
        return Bundles.all_of(parts)

    def _pinned(self, found: Bundles) -> Bundles:
        pins = np.append(self._table.pinned, False)[found.pairs].sum(axis=1)
        return found.of(pins == self._must[found.person])


def _bundles(table: Table, weights: Ints, *columns: Ints) -> Bundles:
    pairs = np.full((len(columns[0]), 3), NONE, dtype=np.int64)
    gain = np.zeros(len(columns[0]), dtype=np.int64)
    for number, column in enumerate(columns):
        pairs[:, number] = column
        gain += weights[column]
    return Bundles(person=table.person[columns[0]], pairs=pairs, gain=gain)


def _highest(person: Ints, weights: Ints, wanted: Flags, most: int) -> Flags:
    """Tell which are wanted and among the ``most`` heaviest of their person."""
    lines = np.flatnonzero(wanted)
    lines = lines[np.lexsort((-weights[lines], person[lines]))]
    nth = np.arange(len(lines)) - np.searchsorted(person[lines], person[lines], side="left")
    found = np.zeros(len(wanted), dtype=np.bool_)
    found[lines[nth < most]] = True
    return found
