"""Rules and their proposed changes."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from registry.policy.model.policy_change import PolicyChange, Status
from registry.policy.store import changes, with_readings
from registry.policy.tables import policy_changes
from registry.tables import metadata


async def policies(tx: Tx, paging: PageRequest, *, code: str | None, on: date | None) -> Paged[Row[Any]]:
    """Return policy rows of every version, by code and day; ``on`` keeps those that hold on a day."""
    table = metadata.tables["policies"]
    query = with_readings()
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
