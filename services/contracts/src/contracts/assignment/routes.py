"""Assignments: contracts at work, which can stop for a while, go on and end."""

from __future__ import annotations

from uuid import UUID

from common.caller import FOR_COMPANIES, FOR_SCHOOLS
from common.persistence.paging import Paged
from common.web import Caller, Command, InTx, Page, Paging, Router, roles, scope
from contracts.assignment import store, usecases
from contracts.assignment.model.assignment import Assignment, Status
from contracts.assignment.views import AssignmentView
from contracts.authority import was_read
from contracts.contract import store as contracts
from contracts.contract import usecases as contract_usecases
from contracts.contract.model.contract import Contract, SuspendedReason
from contracts.contract.views import ContractView

router = Router(tags=["Assignments"])
at_work = Router(tags=["Contracts"])
_READ = [scope("assignments:read")]
_WORK_BY_AN_EMPLOYER = [scope("contracts:write"), roles(*FOR_SCHOOLS, *FOR_COMPANIES)]


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
    page = await store.page(tx, caller, paging, status=status, contract_id=contract_id, trainer_id=trainer_id)
    await was_read(tx, caller, *page.items)
    return page


@router.get("/assignments/{assignment_id}", response_model=AssignmentView, dependencies=_READ)
async def show_assignment(assignment_id: UUID, caller: Caller, tx: InTx) -> Assignment:
    """Show one assignment."""
    assignment = await store.one(tx, caller, assignment_id)
    await was_read(tx, caller, assignment)
    return assignment


class Suspend(Command):
    """Stop the work for a while."""

    reason: SuspendedReason


@at_work.post("/contracts/{contract_id}/_suspend", response_model=ContractView, dependencies=_WORK_BY_AN_EMPLOYER)
async def suspend_contract(contract_id: UUID, command: Suspend, caller: Caller, tx: InTx) -> Contract:
    """Stop the work for a while; the contract stays."""
    await contract_usecases.must_employ(tx, caller, await contracts.one(tx, caller, contract_id))
    return await usecases.suspend(tx, contract_id, command.reason)


@at_work.post("/contracts/{contract_id}/_resume", response_model=ContractView, dependencies=_WORK_BY_AN_EMPLOYER)
async def resume_contract(contract_id: UUID, caller: Caller, tx: InTx) -> Contract:
    """Go on with the work."""
    await contract_usecases.must_employ(tx, caller, await contracts.one(tx, caller, contract_id))
    return await usecases.resume(tx, contract_id)
