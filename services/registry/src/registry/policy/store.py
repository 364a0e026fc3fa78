"""The policy rows: all versions, so that any decision can be repeated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Select, and_, insert, select, text

from common.persistence.store import Store
from common.persistence.transaction import Tx
from common.policy import PolicyRow
from common.service.housekeeping import keep_policy
from events.policies import PolicyPublished
from registry.policy.model.policy_change import PolicyChange
from registry.policy.tables import policy_changes, policy_readings
from registry.tables import metadata

changes: Final = Store(PolicyChange, policy_changes)


def with_readings() -> Select[Any]:
    """Return the query for every row, with who compared it with the text of the day, and when."""
    rows, read = metadata.tables["policies"], policy_readings
    same = and_(*(rows.c[name] == read.c[name] for name in ("code", "valid_from", "version")))
    return select(rows, read.c.verified_by, read.c.verified_on).outerjoin(read, same)


async def all_rows(tx: Tx) -> list[PolicyRow]:
    """Return every row; nobody else publishes until this transaction ends, so that versions stay in order."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('registry policies'))"))
    rows = await tx.execute(with_readings())
    return [
        PolicyRow(
            code=row.code,
            version=row.version,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            value=row.value,
            source=row.source,
            verified=row.verified,
            verified_by=row.verified_by,
            verified_on=row.verified_on,
        )
        for row in rows
    ]


async def publish(tx: Tx, rows: list[PolicyPublished]) -> None:
    """Store rows and publish them."""
    for row in rows:
        await keep_policy(tx, row)
        tx.publish(row, policy_version=row.set_version)


async def keep_readings(tx: Tx, rows: Iterable[PolicyRow], version: int) -> None:
    """Store who compared the rows of a publication with the text of the day."""
    read = [
        {
            "code": row.code,
            "valid_from": row.valid_from,
            "version": version,
            "verified_by": row.verified_by,
            "verified_on": row.verified_on,
        }
        for row in rows
        if row.verified_by is not None
    ]
    if read:
        await tx.execute(insert(policy_readings), read)
