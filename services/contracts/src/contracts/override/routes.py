"""Overrides: a pilot in which a cap may be exceeded for a while."""

from __future__ import annotations

from uuid import UUID

from common.caller import CallerRole
from common.web import Command, FreeText, InTx, Line, PlannedDay, Router, roles, scope
from contracts.override import usecases
from contracts.override.model import Override
from contracts.override.views import OverrideView

router = Router(tags=["Overrides"])


class GiveOverride(Command):
    """Lift the cap for guests of one trainer at one board."""

    trainer_id: UUID
    board_id: UUID
    reason: FreeText
    owner: Line
    """Who answers for it: an organisation or a role, not a name."""
    starts_on: PlannedDay
    ends_on: PlannedDay


@router.post(
    "/overrides",
    status_code=201,
    response_model=OverrideView,
    dependencies=[scope("contracts:write"), roles(CallerRole.PROGRAMME)],
)
async def give_override(command: GiveOverride, tx: InTx) -> Override:
    """Let a trainer teach more as a guest than the cap allows, for a while, as the programme."""
    return await usecases.override(tx, **dict(command))
