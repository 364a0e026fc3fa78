"""Results of plans, as examples."""

from __future__ import annotations

from typing import Final

from matching.plan.model.run import Group, Result

RESULT: Final = Result(
    value=900,
    bound=1000,
    gap=100_000,
    optimal=False,
    cut=True,
    available=5,
    people=4,
    openings=3,
    pairs=7,
    chosen=2,
    groups=(Group(kind="region", code="AM01", places=6, filled=4, expected=12_000, price=3),),
    blocking=1,
    exchanges=0,
    exchange_gain=0,
    price_of_wishes=None,
)
