"""Reference data and rules over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from common.caller import CallerRole
from common.errors import Invalid, InvalidParam
from common.persistence.paging import Paged
from common.web import (
    Caller,
    Command,
    Day,
    InTx,
    Line,
    Moment,
    Page,
    Paging,
    Router,
    View,
    creates_resource,
    public,
    roles,
    scope,
)
from registry.model.policy_change import PolicyChange, Status
from registry.queries import reference as found
from registry.routes.words import new_id
from registry.usecases import reference as usecases

router = Router(tags=["Reference data and rules"])
_LOOK = [scope("policies:read"), roles(CallerRole.PROGRAMME)]
_DECIDE = [scope("policies:write"), roles(CallerRole.PROGRAMME)]


class RegionView(View):
    """A region; schemes overlap, and a municipality joins them."""

    scheme: str
    code: str
    name: str
    aliases: list[str]


class TradeView(View):
    """What can be taught: a trade of companies, a subject of schools, or a technical profile of the vmbo."""

    code: str
    kind: str
    label_nl: str
    label_en: str


class PolicyBody(Command):
    """What a rule comes to in a period."""

    valid_until: Day | None = None
    source: Line
    verified: bool = False
    """Whether somebody compared it with the primary source."""
    value: Annotated[dict[str, Any], Field(max_length=100)]


class PolicyView(View):
    """What a rule comes to in a period; of two rows for one day the newer version holds."""

    code: str
    version: int
    """Of the whole set from this publication on."""
    valid_from: date
    valid_until: date | None
    source: str
    verified: bool
    value: dict[str, Any]


class PolicyChangeView(View):
    """A change of a rule: what it would come to, who proposed it and who decided."""

    id: UUID
    version: int
    """Of the proposal; the published row has the version of the whole set."""
    status: Status
    code: str
    valid_from: date
    valid_until: date | None
    source: str
    verified: bool
    value: dict[str, Any]
    proposed_by: str
    """A pseudonym, as in the audit trail."""
    proposed_at: Moment
    decided_by: str | None
    decided_at: Moment | None


@router.get("/regions", name="find", response_model=Page[RegionView], dependencies=[public("Regions are open data.")])
async def regions(tx: InTx, paging: Paging, scheme: Literal["labour_market", "holiday"] | None = None) -> Paged[Any]:
    """List regions."""
    return await found.all_regions(tx, paging, scheme)


@router.get(
    "/trades", name="find", response_model=Page[TradeView], dependencies=[public("The list of trades is open data.")]
)
async def trades(tx: InTx, paging: Paging, kind: Literal["trade", "subject", "profile"] | None = None) -> Paged[Any]:
    """List what can be taught."""
    return await found.all_trades(tx, paging, kind)


@router.get("/policies", name="find", response_model=Page[PolicyView], dependencies=[scope("policies:read")])
async def policies(
    tx: InTx, paging: Paging, code: Annotated[str | None, Query(max_length=100)] = None, on: Day | None = None
) -> Paged[Any]:
    """List the rules as data: every row of every version, or those that hold on a day."""
    return await found.policies(tx, paging, code=code, on=on)


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
        raise Invalid(InvalidParam("validUntil", "A row ends no earlier than it begins", "out-of-order"))
    change = PolicyChange(
        id=new_id(),
        code=code,
        valid_from=valid_from,
        valid_until=command.valid_until,
        value=command.value,
        source=command.source,
        verified=command.verified,
        proposed_by=caller.subject,
        proposed_at=tx.now,
    )
    return await usecases.propose(tx, change)


@router.get("/policy-changes", name="find", response_model=Page[PolicyChangeView], dependencies=_LOOK)
async def changes(tx: InTx, paging: Paging, status: Status | None = None) -> Paged[PolicyChange]:
    """List proposed changes of rules, the newest first."""
    return await found.policy_changes_(tx, paging, status=status)


@router.get("/policy-changes/{change_id}", name="show", response_model=PolicyChangeView, dependencies=_LOOK)
async def change(change_id: UUID, tx: InTx) -> PolicyChange:
    """Show a proposed change of a rule."""
    return await found.policy_change(tx, change_id)


@router.post("/policy-changes/{change_id}/_approve", response_model=PolicyChangeView, dependencies=_DECIDE)
async def approve(change_id: UUID, caller: Caller, tx: InTx) -> PolicyChange:
    """Approve a change, as another person than the one who proposed it: a new version of the whole set."""
    return await usecases.approve(tx, change_id, caller.subject)


@router.post("/policy-changes/{change_id}/_reject", response_model=PolicyChangeView, dependencies=_DECIDE)
async def reject(change_id: UUID, caller: Caller, tx: InTx) -> PolicyChange:
    """Turn a change down, or withdraw one's own."""
    return await usecases.reject(tx, change_id, caller.subject)
