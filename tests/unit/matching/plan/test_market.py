"""A market whose parts do not fit each other is refused, with what is wrong."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from common.errors import Invalid
from matching.plan.model.market import Cap, Market, Part, Step, Travel, Weights
from tests.unit.matching.plan.plan_examples import MONDAY, PLAIN, market, opening, pair, person, way

FINE = market(
    [person(1), person(2)],
    [opening(1), opening(2, shares=True)],
    [pair(1, 1, MONDAY), pair(2, 1, MONDAY), pair(2, 2, MONDAY, part=Part.FIRST)],
    caps=[Cap(person=UUID(int=1), board=UUID(int=201), forms=frozenset({"guest"}), minutes=60)],
    travel=[way(1, 2, 10)],
)
KEY = FINE.pairs[0].key


@pytest.mark.parametrize(
    ("change", "name", "code"),
    [
        ({"people": (*FINE.people, person(1))}, "people", "duplicate"),
        ({"openings": (*FINE.openings, opening(1))}, "openings", "duplicate"),
        ({"pairs": (*FINE.pairs, pair(1, 1))}, "pairs", "duplicate"),
        ({"travel": (way(1, 2, 10), way(1, 2, 11))}, "travel", "duplicate"),
        ({"caps": (*FINE.caps, replace(FINE.caps[0], forms=frozenset({"guest", "other"})))}, "caps", "duplicate"),
        ({"pairs": (pair(3, 1),)}, "pairs", "unknown"),
        ({"pairs": (pair(1, 3),)}, "pairs", "unknown"),
        ({"pairs": (pair(1, 1, part=Part.FIRST),)}, "pairs", "not-shared"),
        ({"pinned": frozenset({KEY._replace(form="other")})}, "pinned", "unknown"),
        ({"pinned": frozenset({KEY}), "excluded": frozenset({KEY[:2]})}, "pinned", "contradiction"),
        ({"people": (*FINE.people, person(3, minutes=-1))}, "minutes", "out-of-range"),
        ({"people": (*FINE.people, person(3, limit=1_000_001))}, "minutes", "out-of-range"),
        ({"pairs": (pair(1, 1, minutes=-1),)}, "minutes", "out-of-range"),
        ({"travel": (way(1, 2, -1),)}, "minutes", "out-of-range"),
        ({"caps": (replace(FINE.caps[0], minutes=-1),)}, "minutes", "out-of-range"),
        ({"people": (*FINE.people, person(3, most=4))}, "people", "out-of-range"),
        ({"openings": (*FINE.openings, opening(3, places=-1))}, "openings", "out-of-range"),
        ({"pairs": (pair(1, 1, score=10_001),)}, "pairs", "out-of-range"),
        ({"pairs": (pair(1, 1, chance=-1),)}, "pairs", "out-of-range"),
        ({"travel": (way(2, 1, 10),)}, "travel", "not-in-order"),
        ({"apart": frozenset({frozenset({"guest"})})}, "apart", "out-of-range"),
        ({"weights": replace(PLAIN, filled=1_001)}, "weights", "out-of-range"),
        ({"weights": replace(PLAIN, regions=(Step(share=0, weight=1),))}, "weights", "out-of-range"),
        (
            {"weights": replace(PLAIN, regions=(Step(share=2, weight=1), Step(share=2, weight=1)))},
            "weights.regions",
            "not-in-order",
        ),
        (
            {"weights": replace(PLAIN, subjects=(Step(share=2, weight=1), Step(share=3, weight=2)))},
            "weights.subjects",
            "not-in-order",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(change: dict[str, object], name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        replace(FINE, **change)  # type: ignore[arg-type]
    assert (name, code) in {(fault.name, fault.code) for fault in refused.value.params}


def test_the_order_in_which_facts_come_makes_no_difference() -> None:
    turned = Market(
        people=FINE.people[::-1],
        openings=FINE.openings[::-1],
        pairs=FINE.pairs[::-1],
        weights=Weights(filled=1, score=1, move=0),
        caps=FINE.caps[::-1],
        travel=(Travel(one=UUID(int=301), other=UUID(int=302), minutes=10),),
    )
    assert turned == FINE


def test_a_person_never_has_less_than_no_minutes_left() -> None:
    assert person(1, minutes=100, taken=160).free == 0
    assert person(1, minutes=100, limit=80, taken=60).free == 20
