"""Figures on fairness over HTTP."""

from __future__ import annotations

from common.caller import CallerRole
from common.web import Caller, InTx, Router, roles, scope
from matching.fairness import usecases
from matching.fairness.views import FairnessView, fairness_view

router = Router(tags=["Fairness"])


@router.get(
    "/fairness",
    response_model=FairnessView,
    dependencies=[scope("rankings:read"), roles(CallerRole.DESK, CallerRole.PROGRAMME)],
)
async def fairness(caller: Caller, tx: InTx) -> FairnessView:
    """Show how people fare in matching by region, type of school and what is watched: a desk sees its own regions."""
    regions = None if CallerRole.PROGRAMME in caller.roles else caller.regions
    return fairness_view(*await usecases.fares(tx, regions), regions)
