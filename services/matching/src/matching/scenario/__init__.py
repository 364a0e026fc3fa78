"""A scenario: what a change of a rule would bring, without touching any proposal."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.scenario import deadlines, routes, tables, usecases
from matching.scenario.model.scenario import LIFE_CYCLE

slice_: Final = Slice(
    name="scenario",
    life_cycles={"scenario": LIFE_CYCLE},
    tables=[tables.scenarios, tables.scenario_runs],
    routers=[routes.router],
    loops=[deadlines.compute_scenarios],
    purges=[usecases.PURGE],
)
