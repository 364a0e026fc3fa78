"""Over HTTP: cases, figures, parked events, and in a demonstration the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from common.auth import Role
from common.errors import Refused
from common.http import (
    Caller,
    Command,
    FreeText,
    InDatabase,
    InTx,
    Moment,
    Page,
    Paging,
    Router,
    Slice,
    View,
    scope,
)
from operations import queries
from operations.model.figures import Figures
from operations.model.step_texts import TEXTS
from operations.store import tables
from operations.usecases import clock as clocks
from operations.usecases import parking

cases = Router(tags=["Cases"])
figures = Router(tags=["Figures"])
flow = Router(tags=["Event flow"])
clock = Router(tags=["Clock"])


class ClockStandsStill(Refused):
    """Business time only moves in a test or demonstration (HTO_TEST_CLOCK=1)."""


class OwedView(View):
    """Something that somebody owes in a case."""

    what: str
    text_nl: str
    text_en: str
    owners: list[str]
    due_at: Moment | None


class CaseView(View):
    """A case in one line."""

    id: UUID
    kind: str
    opened_at: Moment
    latest_at: Moment
    latest: str
    open: bool
    next_step: OwedView | None
    region: str | None


class RelatedView(View):
    """A case that shares something with this one."""

    id: UUID
    kind: str


class CaseDetailView(CaseView):
    """A case with all that is owed in it."""

    owed: list[OwedView]
    related: list[RelatedView]


class StepView(View):
    """Something that happened in a case, in whichever service."""

    event_id: UUID
    at: Moment
    recorded_at: Moment
    service: str
    event: str
    subject: str
    sequence: int | None
    cause: UUID | None
    facts: dict[str, Any]


class FiguresView(View):
    """The programme's figures; a cell that could point at a person is null."""

    extra_trainers: int
    target: int
    active_trainers: int
    approved_hours: int
    by_region: dict[str, int | None]
    policy_version: int


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


class MoveClock(Command):
    """Move business time by some seconds, or set how far it is from real time."""

    seconds: int | None = Field(default=None, ge=-10 * 366 * 86400, le=10 * 366 * 86400)
    offset_seconds: int | None = Field(default=None, ge=-10 * 366 * 86400, le=10 * 366 * 86400)


class ClockView(View):
    """Business time and how far it is from real time."""

    now_at: Moment
    offset_seconds: int


def _owed(row: Any, prefix: str = "") -> OwedView | None:
    what = row[f"{prefix}what"]
    if what is None:
        return None
    dutch, english = TEXTS[what]
    return OwedView(
        what=what, text_nl=dutch, text_en=english, owners=list(row[f"{prefix}owners"]), due_at=row["due_at"]
    )


def _case(row: Any) -> CaseView:
    found = row._mapping if hasattr(row, "_mapping") else row  # noqa: SLF001 - SQLAlchemy's public name for it
    return CaseView(
        **{name: found[name] for name in ("id", "kind", "opened_at", "latest_at", "latest", "open", "region")},
        next_step=_owed(found, "next_"),
    )


@cases.get("/cases", response_model=Page[CaseView], dependencies=[scope("cases:read")])
async def list_cases(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    kind: Annotated[Literal["vacancy", "trainer", "organisation"] | None, Query(description="Only these.")] = None,
    is_open: Annotated[bool | None, Query(description="Whether something is owed in it.")] = None,
    overdue: Annotated[bool | None, Query(description="Only cases whose next step is late.")] = None,
    involving: Annotated[UUID | None, Query(description="Any id that an event of the case carried.")] = None,
    region: Annotated[str | None, Query(description="A labour-market region, such as AM28.", max_length=10)] = None,
) -> Slice[CaseView]:
    """List cases, the one that changed last first: each with its next step, who owes it and until when."""
    query = queries.case_list(
        caller,
        kind=kind,
        is_open=is_open,
        overdue_at=tx.now if overdue else None,
        involving=involving,
        region=region,
    )
    page = await paging.read(tx, query, tables.cases.c.latest_at, tables.cases.c.id, newest_first=True)
    return Slice([_case(row) for row in page.items], page.next_cursor)


@cases.get("/cases/{case_id}", response_model=CaseDetailView, dependencies=[scope("cases:read")])
async def get_case(case_id: UUID, caller: Caller, tx: InTx) -> CaseDetailView:
    """Show one case: what is owed in it, by whom and until when, and the cases it is linked to."""
    found = await queries.one_case(tx, caller, case_id)
    return CaseDetailView(
        **_case(found).model_dump(by_alias=False),
        owed=[owed for step in found["owed"] if (owed := _owed(step))],
        related=[RelatedView(**other) for other in found["related"]],
    )


@cases.get("/cases/{case_id}/steps", response_model=Page[StepView], dependencies=[scope("cases:read")])
async def list_steps(case_id: UUID, caller: Caller, tx: InTx, paging: Paging) -> Slice[Any]:
    """List everything that happened in a case, across all services, in order."""
    await queries.one_case(tx, caller, case_id)
    return await paging.read(tx, queries.steps_of(case_id), tables.steps.c.event_id)


@figures.get("/figures/programme", response_model=FiguresView, dependencies=[scope("figures:read")])
async def get_figures(caller: Caller, tx: InTx) -> Figures:
    """Show K1 (extra trainers), K2 (active trainers) and K3 (approved hours)."""
    caller.must_be(Role.PROGRAMME, Role.DESK, Role.OPERATOR)
    return await queries.programme_figures(tx)


@flow.get("/parked-events", response_model=Page[ParkedView], dependencies=[scope("flow:read")])
async def list_parked(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    state: Annotated[Literal["parked", "ordered", "solved"] | None, Query(description="Only these.")] = None,
) -> Slice[Any]:
    """List keys whose events could not be handled: where, why, since when, and how many wait behind."""
    caller.must_be(Role.OPERATOR, Role.PROGRAMME)
    return await paging.read(tx, queries.parked_list(state), tables.parked.c.id)


@flow.post(
    "/parked-events/{parked_id}/_redrive",
    response_model=ParkedView,
    status_code=202,
    dependencies=[scope("flow:write")],
)
async def redrive(parked_id: UUID, caller: Caller, tx: InTx) -> Any:
    """Order that a key's parked events are tried again, in order."""
    caller.must_be(Role.OPERATOR)
    return await parking.order_redrive(tx, parked_id)


@flow.post(
    "/parked-events/{parked_id}/_discard",
    response_model=ParkedView,
    status_code=202,
    dependencies=[scope("flow:write")],
)
async def discard(parked_id: UUID, command: Discard, caller: Caller, tx: InTx) -> Any:
    """Order that a key's first parked event is passed over; the reason is kept for ever."""
    caller.must_be(Role.OPERATOR)
    return await parking.order_discard(tx, parked_id, command.reason)


@clock.get("/clocks/programme", response_model=ClockView, dependencies=[scope("clock:read")])
async def get_clock(caller: Caller, tx: InTx) -> ClockView:  # noqa: ARG001 - whoever has the scope
    """Tell business time."""
    return ClockView(now_at=tx.now, offset_seconds=int(tx.database.clock.offset.total_seconds()))


@clock.post(
    "/clocks/programme/_advance", response_model=ClockView, status_code=202, dependencies=[scope("clock:write")]
)
async def move_clock(command: MoveClock, caller: Caller, tx: InTx, database: InDatabase) -> ClockView:
    """Move business time, in a test or demonstration; every service follows within a moment."""
    caller.must_be(Role.OPERATOR)
    if not database.follows_clock:
        raise ClockStandsStill
    offset = database.clock.offset
    if command.offset_seconds is not None:
        offset = timedelta(seconds=command.offset_seconds)
    offset += timedelta(seconds=command.seconds or 0)
    seconds = await clocks.move_clock(tx, offset)
    return ClockView(now_at=tx.now - database.clock.offset + offset, offset_seconds=seconds)
