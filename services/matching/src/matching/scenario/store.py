"""Scenarios: a transition is written and not published."""

from __future__ import annotations

from typing import Final

from sqlalchemy import update

from common.errors import StaleVersion
from common.persistence.store import Change, Store
from common.persistence.transaction import Tx
from matching.plan.store.runs import RunRows
from matching.scenario.model.scenario import Scenario
from matching.scenario.tables import scenario_runs, scenarios

QUEUE: Final = "matching.scenarios"

runs: Final = RunRows(scenario_runs, QUEUE)


class Scenarios(Store[Scenario]):
    """The scenarios, requested and over."""

    async def keep(self, tx: Tx, change: Change[Scenario]) -> Scenario:
        """Write a transition.

        Raises:
            StaleVersion: another writer was first.
        """
        after, _ = change
        row = self.dump(after) | {"version": after.version + 1}
        which = (scenarios.c.id == row.pop("id"), scenarios.c.version == after.version)
        if (await tx.execute(update(scenarios).where(*which).values(row))).rowcount != 1:
            raise StaleVersion(f"scenario {after.id} is no longer at version {after.version}")
        return self.load({**row, "id": after.id})


store: Final = Scenarios(Scenario, scenarios)
