"""Rules over HTTP: proposed by one person, approved by another."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query

from common.caller import CallerRole
from common.errors import Invalid, InvalidParam, Message
from common.persistence.paging import Paged
from common.web import (
    Caller,
    Day,
    InTx,
    Page,
    Paging,
    Router,
    creates_resource,
    roles,
    scope,
)
from registry.fields import new_id
from registry.policy import queries, usecases
from registry.policy.model.policy_change import PolicyChange, Status
from registry.policy.views import PolicyBody, PolicyChangeView, PolicyView

router = Router(tags=["Reference data and rules"])
_LOOK = [scope("policies:read"), roles(CallerRole.PROGRAMME)]
_DECIDE = [scope("policies:write"), roles(CallerRole.PROGRAMME)]


@router.get("/policies", name="find", response_model=Page[PolicyView], dependencies=[scope("policies:read")])
async def policies(
    tx: InTx, paging: Paging, code: Annotated[str | None, Query(max_length=100)] = None, on: Day | None = None
) -> Paged[Any]:
    """List the rules as data: every row of every version, or those that hold on a day."""
    return await queries.policies(tx, paging, code=code, on=on)


@router.put(
    "/policies/{code}/{valid_from}",
    status_code=202,
    response_model=PolicyChangeView,
    dependencies=[scope("policies:write"), roles(CallerRole.PROGRAMME), creates_resource()],
)
async def put(
    code: Annotated[str, Path(max_length=100, pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")],
    valid_from: Day,
    command: PolicyBody,
    caller: Caller,
    tx: InTx,
) -> PolicyChange:
    """Propose what a rule comes to from a day on. It holds once another person has approved it."""
    if command.valid_until is not None and command.valid_until < valid_from:
        raise Invalid(InvalidParam("validUntil", Message("A row ends no earlier than it begins"), "out-of-order"))
    change = PolicyChange(
        id=new_id(),
        code=code,
        valid_from=valid_from,
        valid_until=command.valid_until,
        value=command.value,
        source=command.source,
        verified=command.verified,
        verified_by=command.verified_by,
        verified_on=command.verified_on,
        proposed_by=caller.subject,
        proposed_at=tx.now,
    )
    return await usecases.propose(tx, change)


@router.get("/policy-changes", name="find", response_model=Page[PolicyChangeView], dependencies=_LOOK)
async def changes(tx: InTx, paging: Paging, status: Status | None = None) -> Paged[PolicyChange]:
    """List proposed changes of rules, the newest first."""
    return await queries.policy_changes_(tx, paging, status=status)


@router.get("/policy-changes/{change_id}", name="show", response_model=PolicyChangeView, dependencies=_LOOK)
async def change(change_id: UUID, tx: InTx) -> PolicyChange:
    """Show a proposed change of a rule."""
    return await queries.policy_change(tx, change_id)


@router.post("/policy-changes/{change_id}/_approve", response_model=PolicyChangeView, dependencies=_DECIDE)
async def approve(change_id: UUID, caller: Caller, tx: InTx) -> PolicyChange:
    """Approve a change, as another person than the one who proposed it: a new version of the whole set."""
    return await usecases.approve(tx, change_id, caller.subject)


@router.post("/policy-changes/{change_id}/_reject", response_model=PolicyChangeView, dependencies=_DECIDE)
async def reject(change_id: UUID, caller: Caller, tx: InTx) -> PolicyChange:
    """Turn a change down, or withdraw one's own."""
    return await usecases.reject(tx, change_id, caller.subject)
