"""Overrides: what is only ever added."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select, update

from common.persistence.transaction import Tx
from contracts.override import tables
from contracts.override.model import Override
from rules.guest_cap import PilotOverride


async def add_override(tx: Tx, override: Override) -> Override:
    """Let a cap be exceeded; somebody answers for it and it ends."""
    row = {name: getattr(override, name) for name in Override.__slots__}
    await tx.execute(insert(tables.overrides), row)
    return override


async def override_for(tx: Tx, trainer_id: UUID, board_id: UUID, day: date) -> PilotOverride | None:
    """Return the override that holds on a day; of several the one that lasts longest."""
    table = tables.overrides
    query = (
        select(table)
        .where(table.c.trainer_id == trainer_id, table.c.board_id == board_id)
        .where(table.c.starts_on <= day, table.c.ends_on >= day)
        .order_by(table.c.ends_on.desc(), table.c.id)
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    return PilotOverride(reason=row.reason, owner=row.owner, starts_on=row.starts_on, ends_on=row.ends_on)


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Take out what was written about a trainer; return how many rows that were."""
    table = tables.overrides
    return (await tx.execute(update(table).where(table.c.trainer_id == trainer_id).values(reason=ANONYMISED))).rowcount


ANONYMISED: Final = "anonymised"
