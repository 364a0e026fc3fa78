"""The policy rows: all versions, so that any decision can be repeated."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, text

from common.persistence.store import Store
from common.persistence.transaction import Tx
from common.policy import PolicyRow
from common.service.housekeeping import keep_policy
from events.policies import PolicyPublished
from registry.policy.model.policy_change import PolicyChange
from registry.policy.tables import policy_changes
from registry.tables import metadata

changes: Final = Store(PolicyChange, policy_changes)


async def all_rows(tx: Tx) -> list[PolicyRow]:
    """Return every row; nobody else publishes until this transaction ends, so that versions stay in order."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('registry policies'))"))
    rows = await tx.execute(select(metadata.tables["policies"]))
    return [
        PolicyRow(
            code=row.code,
            version=row.version,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            value=row.value,
            source=row.source,
            verified=row.verified,
        )
        for row in rows
    ]


async def publish(tx: Tx, rows: list[PolicyPublished]) -> None:
    """Store rows and publish them."""
    for row in rows:
        await keep_policy(tx, row)
        tx.publish(row, policy_version=row.set_version)
