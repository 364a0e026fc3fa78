"""The figures of a plan that need its market: scores and chances of what was chosen, blocking pairs, exchanges."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from matching.plan.model.quality import blocking, exchanges
from matching.plan.model.run import Group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matching.plan.model.market import Key, Market, Pair
    from matching.plan.model.plan import Plan
    from matching.plan.model.search import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A trainer at a vacancy: chosen where ``place`` is 0, else the place in reserve, from 1 on."""

    vacancy_id: UUID
    trainer_id: UUID
    place: int
    form: str
    part: str
    score: int
    """In ten-thousandths, as the chance."""
    chance: int
    minutes: int
    """A week."""
    cost: int | None
    """What the plan loses by having the reserve there, at its prices, in points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A vacancy in a plan: its places, those filled, and what one more would bring."""

    vacancy_id: UUID
    places: int
    filled: int
    """In halves of a place."""
    expected: int
    """In ten-thousandths of half a place: filled ones, each counted with its chance of consent."""
    price: int
    """What one place more would bring, at most, in points."""
    candidates: int
    """How many people fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The figures that are published beside a plan."""

    people: int
    openings: int
    pairs: int
    assigned: tuple[Assigned, ...]
    planned: tuple[Planned, ...]
    groups: tuple[Group, ...]
    blocking: int
    exchanges: int
    exchange_gain: int


def details(market: Market, plan: Plan, _watch: Watch | None = None) -> bytes:
    """Return them as JSON: they are computed in the process that has the market."""
    gains = [each.gain for each in exchanges(market, plan.chosen)]
    pairs = {each.key: each for each in market.pairs}
    document: dict[str, Any] = {
        "people": len(market.people),
        "openings": len(market.openings),
        "pairs": len(market.pairs),
        "assigned": [*_assigned(plan, pairs)],
        "planned": [*_planned(market, plan, pairs)],
        "groups": [asdict(each) for each in plan.figures],
        "blocking": sum(1 for _ in blocking(market, plan.chosen)),
        "exchanges": len(gains),
        "exchange_gain": sum(gains),
    }
    return json.dumps(document).encode()


def read_details(document: bytes) -> Details:
    """Read what ``details`` wrote."""
    found = json.loads(document)
    assigned = tuple(
        Assigned(**{**each, "vacancy_id": UUID(each["vacancy_id"]), "trainer_id": UUID(each["trainer_id"])})
        for each in found.pop("assigned")
    )
    planned = tuple(Planned(**{**each, "vacancy_id": UUID(each["vacancy_id"])}) for each in found.pop("planned"))
    groups = tuple(Group(**each) for each in found.pop("groups"))
    return Details(assigned=assigned, planned=planned, groups=groups, **found)


def _assigned(plan: Plan, pairs: dict[Key, Pair]) -> Iterator[dict[str, Any]]:
    for key in plan.chosen:
        yield _entry(pairs[key], place=0, cost=None)
    # A place that may be shared has a reserve for each half: one person is in reserve once per vacancy.
    seen, places = set[tuple[UUID, UUID]](), dict[UUID, int]()
    for opening, _, reserves in plan.reserves:
        for each in reserves:
            if (opening, each.key.person) not in seen:
                seen.add((opening, each.key.person))
                places[opening] = places.get(opening, 0) + 1
                yield _entry(pairs[each.key], place=places[opening], cost=each.cost)


def _planned(market: Market, plan: Plan, pairs: dict[Key, Pair]) -> Iterator[dict[str, Any]]:
    filled, expected, prices = Counter[UUID](), Counter[UUID](), Counter[UUID]()
    for key in plan.chosen:
        filled[key.opening] += key.part.halves
        expected[key.opening] += key.part.halves * pairs[key].chance
    # Of a place that two may share each half has a price of its own.
    for opening, _, price in plan.places:
        prices[opening] += price
    fitting = Counter(opening for opening, _ in {(each.opening, each.person) for each in market.pairs})
    for each in market.openings:
        yield {
            "vacancy_id": str(each.id),
            "places": each.places,
            "filled": filled[each.id],
            "expected": expected[each.id],
            "price": prices[each.id],
            "candidates": fitting[each.id],
        }


def _entry(pair: Pair, *, place: int, cost: int | None) -> dict[str, Any]:
    return {
        "vacancy_id": str(pair.opening),
        "trainer_id": str(pair.person),
        "place": place,
        "form": str(pair.form),
        "part": pair.part.name.lower(),
        "score": pair.score,
        "chance": pair.chance,
        "minutes": pair.minutes,
        "cost": cost,
    }
