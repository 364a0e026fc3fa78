"""When time passes: plans that were requested are computed, and one is requested each day."""

from __future__ import annotations

from common.service import LoopContext
from matching.plan.usecases import planning


async def compute_plans(context: LoopContext) -> None:
    """Compute what was requested, for ever."""
    await planning.PlanQueue(context.database).run()


async def plan_each_day(context: LoopContext) -> None:
    """Request a plan of the whole country each day, where policy wants it."""
    await planning.plan_each_day(context.database)
