"""Over HTTP: the programme's figures."""

from __future__ import annotations

from typing import Final

from common.caller import CallerRole
from common.web import InTx, Router, View, roles, scope
from operations.figure import queries
from operations.figure.model import Figures

router: Final = Router(tags=["Figures"])


class ItemFigureView(View):
    """The reported bottlenecks of one item of the policy conversation; `NL` is the whole country."""

    reported: int
    by_region: dict[str, int | None]


class FiguresView(View):
    """The programme's figures, rounded: a cell that could point at a person is null, a total of such cells 0."""

    extra_trainers: int
    target: int
    active_trainers: int
    approved_hours: int
    by_region: dict[str, int | None]
    bottlenecks: dict[str, ItemFigureView]
    """By item of the policy conversation; an item with few reports is absent."""
    policy_version: int


@router.get(
    "/figures/programme",
    response_model=FiguresView,
    dependencies=[scope("figures:read"), roles(CallerRole.PROGRAMME, CallerRole.DESK, CallerRole.OPERATOR)],
)
async def get_figures(tx: InTx) -> Figures:
    """Show K1 (extra trainers), K2 (active trainers), K3 (approved hours) and K13 (reported bottlenecks).

    Numbers are rounded, by the policy `programme.figures`, so that nobody can be found in them: not from totals, nor
    from what has changed since another moment. K1 is the sum of its regions as they are shown; so is each item of K13.
    """
    return await queries.programme_figures(tx)
