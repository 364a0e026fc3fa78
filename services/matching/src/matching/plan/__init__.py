"""The plan: who could best teach where, over all people and openings at once, with a bound on any better plan."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.plan import deadlines, routes, tables
from matching.plan.model.run import LIFE_CYCLE
from matching.plan.usecases import erasing, planning

slice_: Final = Slice(
    name="plan",
    life_cycles={"plan": LIFE_CYCLE},
    tables=[tables.plans, tables.plan_documents, tables.plan_assignments, tables.plan_openings, tables.plan_runs],
    routers=[routes.router],
    loops=[deadlines.compute_plans, deadlines.plan_each_day],
    purges=[planning.PURGE],
    scrub=erasing.scrub,
)
