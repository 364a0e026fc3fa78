"""Over HTTP: parked events, and what an operator orders about them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query

from common.auth import Role
from common.http import Caller, Command, FreeText, InTx, Moment, Page, Paging, Router, Slice, View, scope
from operations import queries
from operations.store import tables
from operations.usecases import parking

router: Final = Router(tags=["Event flow"])


class ParkedView(View):
    """A key of a consumer whose events wait."""

    id: UUID
    service: str
    consumer: str
    topic: str
    parked_key: str
    event_id: str | None
    event_type: str | None
    case_id: str | None
    why: str
    reason: str
    attempts: int
    waiting: int
    state: str
    since: Moment
    changed_at: Moment


class Discard(Command):
    """Pass over the first parked event of a key."""

    reason: FreeText


@router.get("/parked-events", response_model=Page[ParkedView], dependencies=[scope("flow:read")])
async def list_parked(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    state: Annotated[Literal["parked", "ordered", "solved"] | None, Query(description="Only these.")] = None,
) -> Slice[Any]:
    """List keys whose events could not be handled: where, why, since when, and how many wait behind."""
    caller.must_be(Role.OPERATOR, Role.PROGRAMME)
    return await paging.read(tx, queries.parked_list(state), tables.parked.c.id)


@router.post(
    "/parked-events/{parked_id}/_redrive",
    response_model=ParkedView,
    status_code=202,
    dependencies=[scope("flow:write")],
)
async def redrive(parked_id: UUID, caller: Caller, tx: InTx) -> Any:
    """Order that a key's parked events are tried again, in order."""
    caller.must_be(Role.OPERATOR)
    return await parking.order_redrive(tx, parked_id)


@router.post(
    "/parked-events/{parked_id}/_discard",
    response_model=ParkedView,
    status_code=202,
    dependencies=[scope("flow:write")],
)
async def discard(parked_id: UUID, command: Discard, caller: Caller, tx: InTx) -> Any:
    """Order that a key's first parked event is passed over; the reason is kept for ever."""
    caller.must_be(Role.OPERATOR)
    return await parking.order_discard(tx, parked_id, command.reason)
