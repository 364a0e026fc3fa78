"""Reference data and rules, for everybody."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, or_, select

from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from registry.model.policy_change import PolicyChange, Status
from registry.store.policies import changes
from registry.store.tables import plumbing, policy_changes, regions, trades


async def all_regions(
    tx: Tx, paging: PageRequest, scheme: Literal["labour_market", "holiday"] | None
) -> Paged[Row[Any]]:
    """Return the regions of one scheme, or of all."""
    query = select(regions).where(regions.c.scheme == scheme) if scheme else select(regions)
    return await paging.read(tx, query, regions.c.scheme, regions.c.code)


async def all_trades(
    tx: Tx, paging: PageRequest, kind: Literal["trade", "subject", "profile"] | None
) -> Paged[Row[Any]]:
    """Return what can be taught."""
    query = select(trades).where(trades.c.kind == kind) if kind else select(trades)
    return await paging.read(tx, query, trades.c.code)


async def policies(tx: Tx, paging: PageRequest, *, code: str | None, on: date | None) -> Paged[Row[Any]]:
    """Return policy rows of every version, by code and day; ``on`` keeps those that hold on a day."""
    table = plumbing.policies
    query = select(table)
    if code:
        query = query.where(table.c.code == code)
    if on:
        query = query.where(table.c.valid_from <= on, or_(table.c.valid_until.is_(None), table.c.valid_until >= on))
    return await paging.read(tx, query, table.c.code, table.c.valid_from, table.c.version)


async def policy_changes_(tx: Tx, paging: PageRequest, *, status: Status | None) -> Paged[PolicyChange]:
    """Return what was proposed, the newest first."""
    query = select(policy_changes)
    if status:
        query = query.where(policy_changes.c.status == status.value)
    return await paging.read_each(tx, query, policy_changes.c.id, load=changes.load, newest_first=True)


async def policy_change(tx: Tx, change_id: UUID) -> PolicyChange:
    """Return one change.

    Raises:
        NotFound: there is none with this id.
    """
    return await changes.get(tx, change_id)
