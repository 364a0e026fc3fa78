"""The search for the best plan: prices by column generation, then whole bundles by an integer programme."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from common.errors import Conflict
from matching.plan.model.pricing import Bundles, Pricer, Prices
from matching.plan.model.program import Relaxation, Room, choose
from matching.plan.model.table import NONE, Table, whole
from matching.plan.model.together import Couples, alone, together

if TYPE_CHECKING:
    from collections.abc import Callable

    from matching.plan.model.program import Floats
    from matching.plan.model.table import Flags, Ints

MILLION: Final = 1_000_000
_ROUNDS: Final = 200
"""Column generation ends long before; it bounds what rounding could do."""
_STEPS: Final = 40
"""How often prices are raised before the first programme."""
_COMBINED: Final = 4
"""The pairs of a person that are combined meanwhile."""
_KEPT: Final = 4
"""The columns that a person gets per round, at most."""
_FEW: Final = 20_000
"""With no more couples, all bundles that a better plan can have are tried at the end."""
_NEAR: Final = 20
"""What part of the best pair's value a bundle may be from its person's best to be tried."""
_CLOSE: Final = 40
"""The same for the columns of a round."""
_TOLERANCE: Final = 1e-6
"""What HiGHS takes for whole."""


class PinsDoNotFit(Conflict):
    """The pins cannot all be held: of a person by itself, or at an opening there are fewer places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """How good a plan has to be, and how much work it may cost."""

    gap: int = 0
    """In millionths of the bound; the search ends when it is proven."""
    close: int = 10
    """How far the prices may be from the best ones, in millionths."""


def _for_ever() -> float:
    return math.inf


def _unseen(step: str, value: int, bound: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """An onlooker: how many seconds are left, and whom each step is reported to."""

    seconds: Callable[[], float] = _for_ever
    report: Callable[[str, int, int], None] = _unseen


@dataclass(slots=True)
class Found:
    """The best so far."""

    chosen: Ints
    """Numbers of pairs, sorted."""
    value: int
    bound: int
    prices: Prices
    optimal: bool = False
    """Whether the solver holds the plan for the best one; unlike the bound, nothing here proves that."""
    cut: bool = False
    """Whether the time ended the search."""
    columns: int = 0
    rounds: int = 0


@dataclass(slots=True)
class Search:
    """One search over one table."""

    table: Table
    aim: Aim
    watch: Watch
    feasible: Flags = field(init=False)
    couples: Couples = field(init=False)
    pricer: Pricer = field(init=False)
    unit: int = field(init=False)
    """The value of the best pair."""

    def __post_init__(self) -> None:
        self.feasible = alone(self.table) == 0
        self.couples = together(self.table, self.feasible)
        self.unit = int(self.table.value.max(initial=0))
        free = self.couples.broken == 0
        self.pricer = Pricer(self.table, self.feasible, self.couples.left[free], self.couples.right[free])

    def run(self) -> Found:
        """Search.

        Raises:
            PinsDoNotFit: no plan has all that is pinned.
        """
        pins = self._pins()
        dear = self._dear()
        found = Found(
            chosen=np.sort(_members(pins)),
            value=self.table.worth(_members(pins)),
            bound=self.pricer.price(dear).bound,
            prices=dear,
        )
        columns, parts = self._relax(found, pins)
        if parts is not None:
            self._round(found, columns, parts)
        self._improve(found)
        return found

    def _dear(self) -> Prices:
        """Return prices at which few are gainful: places at what is outbid, groups at their first step."""
        groups = whole(group.points[0] for group in self.table.groups)
        return Prices(rows=self._outbid(), groups=groups)

    def _pins(self) -> Bundles:
        """Return the smallest bundle of each person for whom anything is pinned."""
        table, pinned = self.table, np.flatnonzero(self.table.pinned)
        people, counts = np.unique(table.person[pinned], return_counts=True)
        fits = self.pricer.price(self._dear(), most=0).bundles.person
        if (self._taken(pinned) > table.places).any() or not np.isin(people, fits).all():
            raise PinsDoNotFit
        pairs = np.full((len(people), 3), NONE, dtype=np.int64)
        start = np.cumsum(counts) - counts
        for number in range(3):
            there = counts > number
            pairs[there, number] = pinned[start[there] + number]
        return Bundles(person=people, pairs=pairs, gain=np.zeros(len(people), dtype=np.int64))

    def _first(self) -> Bundles:
        """Raise the prices of what is wanted too often and lower the others, step by step; return what is near then."""
        # Groups begin at the points of their last step; the linear programme finds better.
        groups = whole(group.points[-1] for group in self.table.groups)
        prices = Prices(rows=self._outbid() // 2, groups=groups)
        wished = self.pricer.price(Prices(rows=np.zeros_like(prices.rows), groups=groups), most=_COMBINED).bundles
        step = self.unit // 16
        for _ in range(_STEPS):
            bought = self.pricer.price(prices, most=_COMBINED).bundles
            over = np.clip(self._taken(_members(bought)) - self.table.places, -1, 2)
            prices = Prices(rows=np.maximum(prices.rows + step * over, 0), groups=groups)
            step = step * 9 // 10
        return wished.and_(self.pricer.price(prices, keep=2 * _KEPT, slack=self.unit // 8).bundles)

    def _outbid(self) -> Ints:
        """Return per row the value of the best pair that finds no place if the best ones take all."""
        table, outbid = self.table, np.zeros(len(self.table.rows), dtype=np.int64)
        for rows in table.halves.T:
            pairs = np.flatnonzero((rows != NONE) & self.feasible)
            pairs = pairs[np.lexsort((-table.value[pairs], rows[pairs]))]
            at = rows[pairs]
            first = np.flatnonzero(np.arange(len(at)) - np.searchsorted(at, at, side="left") == table.places[at])
            outbid[at[first]] = np.maximum(outbid[at[first]], table.value[pairs[first]])
        return outbid

    def _taken(self, pairs: Ints) -> Ints:
        """Return how many places of each row these pairs take."""
        rows = self.table.halves[pairs].ravel()
        return np.bincount(rows[rows != NONE], minlength=len(self.table.rows))

    def _relax(self, found: Found, pins: Bundles) -> tuple[Bundles, Floats | None]:
        """Generate columns until the prices are close to the best ones."""
        relaxation = Relaxation(self.table)
        columns, parts, new = Bundles.none(), None, pins.and_(self._first())
        while len(new) and found.rounds < _ROUNDS and not self._late(found):
            relaxation.add(new)
            columns = columns.and_(new)
            found.rounds += 1
            if (relaxed := relaxation.solve(self.watch.seconds())) is None:
                break
            parts = relaxed.parts
            priced = self.pricer.price(relaxed.prices, keep=_KEPT, slack=self.unit // _CLOSE)
            if priced.bound < found.bound:
                found.bound, found.prices = priced.bound, relaxed.prices
            self.watch.report("prices", found.value, found.bound)
            if (found.bound - relaxed.value) * MILLION <= self.aim.close * abs(found.bound):
                break
            gained = relaxed.people[priced.bundles.person] + 1
            new = priced.bundles.of(priced.bundles.gain > gained)
        found.columns = len(columns)
        # The last columns were not solved for.
        return columns, None if parts is None else np.pad(parts, (0, len(columns) - len(parts)))

    def _round(self, found: Found, columns: Bundles, parts: Floats) -> None:
        """Keep the bundles that the linear programme chose as a whole, and choose the others among its columns."""
        whole_ = columns.of(parts > 1 - _TOLERANCE)
        others = columns.of(~np.isin(columns.person, whole_.person))
        self._take(found, whole_, others, gap=self.aim.gap / MILLION / 2)

    def _improve(self, found: Found) -> None:
        """Choose among all bundles that a better plan can have, or among the nearest where these are too many."""
        if (found.bound - found.value) * MILLION <= self.aim.gap * abs(found.bound) or self._late(found):
            return
        every = found.bound - found.value
        slack = every if len(self.couples.left) <= _FEW else min(every, self.unit // _NEAR)
        near = self.pricer.price(found.prices, keep=len(self.table.keys) ** 3, slack=slack).bundles
        optimal = self._take(found, Bundles.none(), near, gap=self.aim.gap / MILLION / 2)
        found.optimal = optimal and slack == every
        self._late(found)

    def _late(self, found: Found) -> bool:
        """Tell whether the time is over, and note it."""
        found.cut = found.cut or self.watch.seconds() <= 0
        return found.cut

    def _take(self, found: Found, fixed: Bundles, others: Bundles, *, gap: float) -> bool:
        """Choose among ``others`` beside what is fixed; keep the plan if it is better."""
        held = _members(fixed)
        filled = np.zeros(len(self.table.groups) + 1, dtype=np.int64)
        for group in (self.table.region, self.table.subject):
            np.add.at(filled, group[held], self.table.amount[held])
        room = Room(places=self.table.places - self._taken(held), filled=filled[:-1])
        lines, optimal = choose(self.table, others, room, gap=gap, seconds=self.watch.seconds())
        chosen = np.sort(np.concatenate([held, _members(others.of(lines))]))
        value = self.table.worth(chosen)
        if value > found.value:
            found.chosen, found.value = chosen, value
        self.watch.report("bundles", found.value, found.bound)
        return optimal


def _members(bundles: Bundles) -> Ints:
    """Return the pairs of all of them."""
    members: Ints = bundles.pairs[bundles.pairs != NONE]
    return members
