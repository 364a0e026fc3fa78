"""A result of a scenario."""

from __future__ import annotations

from typing import Final

from matching.scenario.model.shown import (
    BindingRule,
    Cell,
    Group,
    Measured,
    Moved,
    Outcome,
    Point,
    Range,
    Shown,
    Years,
)

CELL: Final = Cell(
    places=40,
    matches=20,
    expected=None,
    hours=2000,
    school_euros=100_000,
    company_euros=-100_000,
    vat_euros=None,
    vat_undecided=None,
)
NOW: Final = Shown(
    gap_per_million=12,
    optimal=True,
    cut=False,
    people=50,
    total=CELL,
    groups=(Group(by="region", code="AM13", amounts=CELL),),
    bindings=(BindingRule(rule="ELIGIBILITY", pairs=30, alone=25),),
)
THEN: Final = Shown(
    gap_per_million=0,
    optimal=False,
    cut=True,
    people=None,
    total=CELL,
    moved=Moved(filled=5, emptied=None, planned=10, dropped=None, elsewhere=None),
)
YEARS: Final = Years(
    runs=10,
    places=40,
    filled_percent=75,
    letters_per_hundred_placements=400,
    measured=Measured(filled=Range(mean=30, low=25, high=35), median_days=Range(mean=9, low=8, high=10)),
    change=Measured(filled=Range(mean=-5, low=-10, high=None)),
)
OUTCOME: Final = Outcome(now=NOW, points=(Point(value=480, plan=THEN),))
