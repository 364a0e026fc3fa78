"""The plan against every other plan: on small markets all of them are tried."""

from __future__ import annotations

from hypothesis import event, given

from matching.plan.model.check import check, value
from matching.plan.model.market import Market
from matching.plan.model.plan import encode, solve
from matching.plan.model.search import PinsDoNotFit
from tests.unit.matching.plan.plan_examples import best, markets


@given(markets())
def test_no_plan_of_a_small_market_is_better(drawn: Market) -> None:
    optimum = best(drawn)
    try:
        plan = solve(drawn)
    except PinsDoNotFit:
        event("pins do not fit")
        assert optimum is None
        return
    assert optimum is not None
    assert check(drawn, plan.chosen) == []
    assert value(drawn, plan.chosen) == plan.value
    assert plan.optimal
    assert plan.value == optimum <= plan.bound
    event("gap closed" if plan.gap == 0 else "gap open")


@given(markets())
def test_the_same_market_gives_the_same_bytes(drawn: Market) -> None:
    try:
        assert encode(solve(drawn)) == encode(solve(drawn))
    except PinsDoNotFit:
        event("pins do not fit")
