"""Reference data and rules over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field

from common.auth import Role
from common.errors import Invalid, InvalidParam
from common.http import Command, Day, InTx, Line, Page, Paging, Router, Slice, View, creates, public, roles, scope
from common.policy import PolicyRow
from registry.queries import reference as found
from registry.usecases import reference as usecases

router = Router(tags=["Reference data and rules"])


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


@router.get("/regions", name="find", response_model=Page[RegionView], dependencies=[public("Regions are open data.")])
async def regions(tx: InTx, paging: Paging, scheme: Literal["labour_market", "holiday"] | None = None) -> Slice[Any]:
    """List regions."""
    return await found.all_regions(tx, paging, scheme)


@router.get(
    "/trades", name="find", response_model=Page[TradeView], dependencies=[public("The list of trades is open data.")]
)
async def trades(tx: InTx, paging: Paging, kind: Literal["trade", "subject", "profile"] | None = None) -> Slice[Any]:
    """List what can be taught."""
    return await found.all_trades(tx, paging, kind)


@router.get("/policies", name="find", response_model=Page[PolicyView], dependencies=[scope("policies:read")])
async def policies(
    tx: InTx, paging: Paging, code: Annotated[str | None, Query(max_length=100)] = None, on: Day | None = None
) -> Slice[Any]:
    """List the rules as data: every row of every version, or those that hold on a day."""
    return await found.policies(tx, paging, code=code, on=on)


@router.put(
    "/policies/{code}/{valid_from}",
    response_model=PolicyView,
    dependencies=[scope("policies:write"), roles(Role.PROGRAMME), creates()],
)
async def put(
    code: Annotated[str, Path(max_length=100, pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")],
    valid_from: Day,
    command: PolicyBody,
    tx: InTx,
) -> PolicyRow:
    """Publish what a rule comes to from a day on: a new version of the whole set, unless nothing changes."""
    if command.valid_until is not None and command.valid_until < valid_from:
        raise Invalid(InvalidParam("validUntil", "A row ends no earlier than it begins", "out-of-order"))
    row = PolicyRow(
        code=code,
        version=0,
        valid_from=valid_from,
        valid_until=command.valid_until,
        value=command.value,
        source=command.source,
        verified=command.verified,
    )
    return await usecases.put_policy(tx, row)
