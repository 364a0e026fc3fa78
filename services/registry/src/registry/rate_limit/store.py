"""How often somebody did something lately."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select

from common.persistence.transaction import Tx
from registry.rate_limit.tables import counted as table


async def lock(tx: Tx, act: str, by: str) -> None:
    """Count one at a time: whoever comes second then sees the first."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"hto counted {act} {by}", 0))))


async def since(tx: Tx, act: str, by: str, moment: datetime) -> list[datetime]:
    """Return when it was done since a moment, oldest first."""
    done = select(table.c.at).where(table.c.act == act, table.c.by == by, table.c.at > moment)
    return list((await tx.execute(done.order_by(table.c.at))).scalars())


async def add(tx: Tx, act: str, by: str, at: datetime) -> None:
    """Count it."""
    await tx.execute(insert(table).values(act=act, by=by, at=at))


async def purge(tx: Tx, before: datetime) -> int:
    """Forget what was done before a moment; return how many rows that were."""
    return int((await tx.execute(delete(table).where(table.c.at <= before))).rowcount)
