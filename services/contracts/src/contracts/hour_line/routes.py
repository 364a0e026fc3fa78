"""Hours: handed in by whoever knows them, approved by the school."""

from __future__ import annotations

from uuid import UUID

from common.caller import FOR_SCHOOLS, PARTIES
from common.persistence.paging import Paged
from common.web import Caller, Command, IfMatch, InTx, Page, Paging, Router, creates_resource, roles, scope
from contracts.assignment import store as assignments
from contracts.authority import must_act_for, was_read
from contracts.hour_line import store, usecases
from contracts.hour_line.model.hour_line import HourLine, RejectedReason, Status
from contracts.hour_line.views import HourLineView, Worked
from events.words import Party

router = Router(tags=["Hours"])
_READ = [scope("hours:read")]
_BY_A_PARTY = [scope("hours:write"), roles(*PARTIES)]
_BY_THE_SCHOOL = [scope("hours:write"), roles(*FOR_SCHOOLS)]


class Reject(Command):
    """Why the hours are sent back."""

    reason: RejectedReason


@router.get("/hours", response_model=Page[HourLineView], dependencies=_READ)
async def list_hours(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    status: Status | None = None,
    assignment_id: UUID | None = None,
    trainer_id: UUID | None = None,
) -> Paged[HourLine]:
    """List the caller's hours, the oldest first."""
    page = await store.page(tx, caller, paging, status=status, assignment_id=assignment_id, trainer_id=trainer_id)
    await was_read(tx, caller, *page.items)
    return page


@router.get("/hours/{line_id}", response_model=HourLineView, dependencies=_READ)
async def show_hours(line_id: UUID, caller: Caller, tx: InTx) -> HourLine:
    """Show one line of hours."""
    line = await store.one(tx, caller, line_id)
    await was_read(tx, caller, line)
    return line


@router.post(
    "/assignments/{assignment_id}/hours", status_code=201, response_model=HourLineView, dependencies=_BY_A_PARTY
)
async def submit_hours(assignment_id: UUID, command: Worked, caller: Caller, tx: InTx) -> HourLine:
    """Hand in the hours of a day."""
    must_act_for(caller, await assignments.one(tx, caller, assignment_id), *Party)
    return await usecases.submit(tx, assignment_id, command.minutes())


@router.put(
    "/assignments/{assignment_id}/hours/{line_id}",
    response_model=HourLineView,
    dependencies=[*_BY_A_PARTY, creates_resource()],
)
async def put_hours(assignment_id: UUID, line_id: UUID, command: Worked, caller: Caller, tx: InTx) -> HourLine:
    """Hand in the hours of a day under an id of the caller's own; other hours under that id are refused."""
    must_act_for(caller, await assignments.one(tx, caller, assignment_id), *Party)
    line = await usecases.submit(tx, assignment_id, command.minutes(), line_id)
    return await store.one(tx, caller, line.id)


@router.put("/hours/{line_id}", response_model=HourLineView, dependencies=_BY_A_PARTY)
async def revise_hours(line_id: UUID, command: Worked, caller: Caller, tx: InTx, match: IfMatch) -> HourLine:
    """Correct hours that were sent back, and hand them in again."""
    line = await store.one(tx, caller, line_id)
    must_act_for(caller, line, *Party)
    match.check(line.version)
    return await usecases.revise(tx, line_id, command.minutes())


@router.post("/hours/{line_id}/_approve", response_model=HourLineView, dependencies=_BY_THE_SCHOOL)
async def approve_hours(line_id: UUID, caller: Caller, tx: InTx) -> HourLine:
    """Approve hours, as the school: they count from now on."""
    must_act_for(caller, await store.one(tx, caller, line_id), Party.SCHOOL)
    return await usecases.approve(tx, line_id)


@router.post("/hours/{line_id}/_reject", response_model=HourLineView, dependencies=_BY_THE_SCHOOL)
async def reject_hours(line_id: UUID, command: Reject, caller: Caller, tx: InTx) -> HourLine:
    """Send hours back, as the school."""
    must_act_for(caller, await store.one(tx, caller, line_id), Party.SCHOOL)
    return await usecases.reject(tx, line_id, command.reason)


@router.post("/hours/{line_id}/_reverse", status_code=201, response_model=HourLineView, dependencies=_BY_THE_SCHOOL)
async def reverse_hours(line_id: UUID, caller: Caller, tx: InTx) -> HourLine:
    """Take approved hours back with a line against them, as the school."""
    must_act_for(caller, await store.one(tx, caller, line_id), Party.SCHOOL)
    return await usecases.reverse(tx, line_id)
