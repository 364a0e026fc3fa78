"""A plan: what was chosen, what it is worth, and how much better any other could be."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import numpy as np

from matching.plan.model.market import Key, Part
from matching.plan.model.search import MILLION, Aim, Search, Watch
from matching.plan.model.table import NONE, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matching.plan.model.market import Market
    from matching.plan.model.search import Found
    from matching.plan.model.table import Ints, Table

_RESERVES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A region or a subject, and its share of the plan: places and filled in halves of a place."""

    kind: str
    code: str
    places: int
    filled: int
    expected: int
    """In ten-thousandths of half a place."""
    price: int
    """The points of one ten-thousandth of half a place more, 0 where no step counts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """A person who could come next at an opening, and what that would cost the plan at its prices, in points."""

    key: Key
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The outcome of a search; everything in it is a whole number, and sorted.

    Published prices prove the bound: at them no bundle of a person is worth more than the person's price, and places,
    people and groups together cost the bound.
    """

    chosen: tuple[Key, ...]
    value: int
    bound: int
    optimal: bool
    """Whether the solver looked at all that could be better and found nothing; the bound proves only the gap."""
    cut: bool
    """Whether the time ended the search before its aim."""
    places: tuple[tuple[UUID, Part, int], ...]
    """What one place more would bring, in points, where that is anything."""
    people: tuple[tuple[UUID, int], ...]
    """What each person brings at these prices."""
    figures: tuple[Figures, ...]
    reserves: tuple[tuple[UUID, Part, tuple[Reserve, ...]], ...]

    @property
    def gap(self) -> int:
        """The most that a better plan could bring, in millionths of the bound, rounded up."""
        return -(-(self.bound - self.value) * MILLION // max(abs(self.bound), 1))


def solve(market: Market, aim: Aim = Aim(), watch: Watch = Watch()) -> Plan:  # noqa: B008 - both are frozen
    """Plan a market. The same market and aim give the same plan, unless the watch has an end.

    Raises:
        PinsDoNotFit: no plan has all that is pinned.
    """
    table = table_of(market)
    search = Search(table, aim, watch)
    return _plan(market, search, search.run())


def encode(plan: Plan) -> bytes:
    """Return the plan as canonical JSON: the same plan is the same bytes."""
    return json.dumps(_document(plan), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plan(market: Market, search: Search, found: Found) -> Plan:
    table = search.table
    priced = search.pricer.price(found.prices)
    return Plan(
        chosen=tuple(table.keys[each] for each in found.chosen.tolist()),
        value=found.value,
        bound=found.bound,
        optimal=found.optimal or found.value == found.bound,
        cut=found.cut,
        places=tuple(
            (opening, part, price)
            for (opening, part), price in zip(table.rows, found.prices.rows.tolist(), strict=True)
            if price
        ),
        people=tuple(
            (person, price) for person, price in zip(table.people, priced.best.tolist(), strict=True) if price
        ),
        figures=_figures(market, found, table),
        reserves=_reserves(search, found, priced.best),
    )


def _figures(market: Market, found: Found, table: Table) -> tuple[Figures, ...]:
    openings = {each.id: each for each in market.openings}
    counted: dict[tuple[str, str], list[int]] = {}
    for opening in market.openings:
        for group in (("region", opening.region), ("subject", opening.subject)):
            counted.setdefault(group, [0, 0, 0])[0] += opening.places
    for number in found.chosen.tolist():
        key, amount = table.keys[number], int(table.amount[number])
        opening = openings[key.opening]
        for group in (("region", opening.region), ("subject", opening.subject)):
            counted[group][1] += key.part.halves
            counted[group][2] += amount
    prices = {
        (group.kind, group.code): price for group, price in zip(table.groups, found.prices.groups.tolist(), strict=True)
    }
    return tuple(
        Figures(
            kind=kind, code=code, places=places, filled=filled, expected=expected, price=prices.get((kind, code), 0)
        )
        for (kind, code), (places, filled, expected) in sorted(counted.items())
    )


def _reserves(search: Search, found: Found, best: Ints) -> tuple[tuple[UUID, Part, tuple[Reserve, ...]], ...]:
    """Order, per place, the people who are not there: first those whom it costs the plan least to have there."""
    table = search.table
    gains = search.pricer.with_each(found.prices)
    chosen = np.zeros(len(table.keys), dtype=np.bool_)
    chosen[found.chosen] = True
    at = table.person * (int(table.opening.max(initial=0)) + 1) + table.opening
    free = search.feasible & ~np.isin(at, at[chosen]) & ~np.isin(table.person, table.person[table.pinned])
    costs = best[table.person] - gains
    numbers = np.flatnonzero(free)
    numbers = numbers[np.argsort(costs[numbers], kind="stable")]
    # Each pair in each of its one or two rows, in the order of costs, and of those the first of each row.
    rows, numbers = table.halves[numbers].ravel(), np.repeat(numbers, table.halves.shape[1])
    rows, numbers = rows[rows != NONE], numbers[rows != NONE]
    order = np.argsort(rows, kind="stable")
    rows, numbers = rows[order], numbers[order]
    first = np.arange(len(rows)) - np.searchsorted(rows, rows, side="left") < _RESERVES
    listed: dict[tuple[UUID, Part], list[Reserve]] = {}
    for row, number in zip(rows[first].tolist(), numbers[first].tolist(), strict=True):
        listed.setdefault(table.rows[row], []).append(Reserve(key=table.keys[number], cost=int(costs[number])))
    return tuple((opening, part, tuple(listed[opening, part])) for opening, part in sorted(listed))


def _document(plan: Plan) -> Mapping[str, Any]:
    return {
        "chosen": [_named(key) for key in plan.chosen],
        "value": plan.value,
        "bound": plan.bound,
        "gapPerMillion": plan.gap,
        "optimal": plan.optimal,
        "cut": plan.cut,
        "places": [
            {"opening": str(opening), "part": part.name.lower(), "price": price} for opening, part, price in plan.places
        ],
        "people": [{"person": str(person), "price": price} for person, price in plan.people],
        "figures": [dataclasses.asdict(each) for each in plan.figures],
        "reserves": [
            {
                "opening": str(opening),
                "part": part.name.lower(),
                "people": [_named(each.key) | {"cost": each.cost} for each in reserves],
            }
            for opening, part, reserves in plan.reserves
        ],
    }


def _named(key: Key) -> dict[str, str | int]:
    return {
        "person": str(key.person),
        "opening": str(key.opening),
        "form": key.form,
        "part": key.part.name.lower(),
    }
