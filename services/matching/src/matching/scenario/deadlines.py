"""When time passes: scenarios that were requested are computed."""

from __future__ import annotations

from common.service import LoopContext
from matching.scenario import usecases


async def compute_scenarios(context: LoopContext) -> None:
    """Compute what was requested, for ever."""
    await usecases.ScenarioQueue(context.database).run()
