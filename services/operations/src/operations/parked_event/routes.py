"""Over HTTP: parked events, and what an operator orders about them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query

from common.caller import CallerRole
from common.persistence.paging import Paged
from common.web import Command, FreeText, InTx, Moment, Page, Paging, Router, View, roles, scope
from operations.parked_event import queries, tables
from operations.parked_event import usecases as parking

router: Final = Router(tags=["Event flow"])
_ORDER: Final = [scope("flow:write"), roles(CallerRole.OPERATOR)]


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


@router.get(
    "/parked-events",
    response_model=Page[ParkedView],
    dependencies=[scope("flow:read"), roles(CallerRole.OPERATOR, CallerRole.PROGRAMME)],
)
async def list_parked(
    tx: InTx,
    paging: Paging,
    state: Annotated[Literal["parked", "ordered", "solved"] | None, Query(description="Only these.")] = None,
) -> Paged[Any]:
    """List keys whose events could not be handled: where, why, since when, and how many wait behind."""
    return await paging.read(tx, queries.parked_list(state), tables.parked.c.id)


@router.post(
    "/parked-events/{parked_id}/_redrive",
    response_model=ParkedView,
    status_code=202,
    dependencies=_ORDER,
)
async def redrive(parked_id: UUID, tx: InTx) -> Any:
    """Order that a key's parked events are tried again, in order."""
    return await parking.order_redrive(tx, parked_id)


@router.post(
    "/parked-events/{parked_id}/_discard",
    response_model=ParkedView,
    status_code=202,
    dependencies=_ORDER,
)
async def discard(parked_id: UUID, command: Discard, tx: InTx) -> Any:
    """Order that a key's first parked event is passed over; the reason is kept for ever."""
    return await parking.order_discard(tx, parked_id, command.reason)
