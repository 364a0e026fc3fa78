"""Over HTTP: business time, which moves in a test or demonstration only."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pydantic import Field

from common.caller import CallerRole
from common.errors import Invalid, InvalidParam, Message, Refused
from common.web import Caller, Command, InTx, Moment, Router, View, roles, scope
from operations.clock import usecases as clock

router: Final = Router(tags=["Clock"])
_TEN_YEARS: Final = 10 * 366 * 86400
_FARTHEST: Final = timedelta(seconds=_TEN_YEARS)


class ClockStandsStill(Refused):
    """Business time only moves in a test or demonstration (HTO_TEST_CLOCK=1)."""


class MoveClock(Command):
    """Move business time by some seconds, or set how far it is from real time."""

    seconds: int | None = Field(default=None, ge=-_TEN_YEARS, le=_TEN_YEARS)
    offset_seconds: int | None = Field(default=None, ge=-_TEN_YEARS, le=_TEN_YEARS)


class ClockView(View):
    """Business time and how far it is from real time."""

    now_at: Moment
    offset_seconds: int


@router.get("/clocks/programme", response_model=ClockView, dependencies=[scope("clock:read")])
async def get_clock(caller: Caller, tx: InTx) -> ClockView:  # noqa: ARG001 - whoever has the scope
    """Tell business time."""
    return ClockView(now_at=tx.now, offset_seconds=int(tx.database.clock.offset.total_seconds()))


@router.post(
    "/clocks/programme/_advance",
    response_model=ClockView,
    status_code=202,
    dependencies=[scope("clock:write"), roles(CallerRole.OPERATOR)],
)
async def move_clock(command: MoveClock, tx: InTx) -> ClockView:
    """Move business time, in a test or demonstration; every service follows within a moment."""
    database = tx.database
    if not database.follows_clock:
        raise ClockStandsStill
    offset = database.clock.offset
    if command.offset_seconds is not None:
        offset = timedelta(seconds=command.offset_seconds)
    offset += timedelta(seconds=command.seconds or 0)
    if abs(offset) > _FARTHEST:
        raise Invalid(
            InvalidParam("seconds", Message("Business time stays within ten years of real time"), "out-of-range")
        )
    seconds = await clock.move_clock(tx, offset)
    return ClockView(now_at=tx.now - database.clock.offset + offset, offset_seconds=seconds)
