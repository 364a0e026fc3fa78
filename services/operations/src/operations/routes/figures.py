"""Over HTTP: the programme's figures."""

from __future__ import annotations

from typing import Final

from common.auth import Role
from common.http import InTx, Router, View, roles, scope
from operations.model.figures import Figures
from operations.queries import figures as found

router: Final = Router(tags=["Figures"])


class FiguresView(View):
    """The programme's figures; a cell that could point at a person is null."""

    extra_trainers: int
    target: int
    active_trainers: int
    approved_hours: int
    by_region: dict[str, int | None]
    policy_version: int


@router.get(
    "/figures/programme",
    response_model=FiguresView,
    dependencies=[scope("figures:read"), roles(Role.PROGRAMME, Role.DESK, Role.OPERATOR)],
)
async def get_figures(tx: InTx) -> Figures:
    """Show K1 (extra trainers), K2 (active trainers) and K3 (approved hours)."""
    return await found.programme_figures(tx)
