"""Assignments: contracts at work."""

from __future__ import annotations

from uuid import UUID

from common.persistence.paging import Paged
from common.web import Caller, InTx, Page, Paging, Router, scope
from contracts import queries
from contracts.model.assignment import Assignment, Status
from contracts.routes.parties import was_read
from contracts.routes.views.work import AssignmentView

router = Router(tags=["Assignments"])
_READ = [scope("assignments:read")]


@router.get("/assignments", response_model=Page[AssignmentView], dependencies=_READ)
async def list_assignments(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    status: Status | None = None,
    contract_id: UUID | None = None,
    trainer_id: UUID | None = None,
) -> Paged[Assignment]:
    """List the caller's assignments, the oldest first."""
    page = await queries.all_assignments(
        tx, caller, paging, status=status, contract_id=contract_id, trainer_id=trainer_id
    )
    await was_read(tx, caller, *page.items)
    return page


@router.get("/assignments/{assignment_id}", response_model=AssignmentView, dependencies=_READ)
async def show_assignment(assignment_id: UUID, caller: Caller, tx: InTx) -> Assignment:
    """Show one assignment."""
    assignment = await queries.assignment_(tx, caller, assignment_id)
    await was_read(tx, caller, assignment)
    return assignment
