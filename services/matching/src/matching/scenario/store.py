"""Scenarios: a transition is written and not published."""

from __future__ import annotations

from typing import Final

from matching.plan.store.runs import RunRows, RunStore
from matching.scenario.model.scenario import Scenario
from matching.scenario.tables import scenario_runs, scenarios

QUEUE: Final = "matching.scenarios"

runs: Final = RunRows(scenario_runs, QUEUE)

store: Final = RunStore(Scenario, scenarios)
