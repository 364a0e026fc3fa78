"""Keys of consumers whose events wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from operations.parked_event.tables import parked


async def put_parked(tx: Tx, row: Mapping[str, Any]) -> None:
    """Store the newest state of a parked key."""
    new = insert(parked).values(dict(row))
    kept = ("id", "flow_key", "since")
    await tx.execute(
        new.on_conflict_do_update(
            index_elements=["flow_key"], set_={name: new.excluded[name] for name in row if name not in kept}
        )
    )


async def change_parked(tx: Tx, flow_key: str, **changes: Any) -> None:
    """Note what became of a parked key."""
    await tx.execute(update(parked).where(parked.c.flow_key == flow_key).values(changes))


async def decrement_parked(tx: Tx, flow_key: str, at: datetime) -> None:
    """Note that a key's first event was passed over; it is solved when none is left behind it."""
    left = func.greatest(parked.c.waiting - 1, 0)
    state = case((left == 0, "solved"), else_="parked")
    await tx.execute(
        update(parked).where(parked.c.flow_key == flow_key).values(waiting=left, state=state, changed_at=at)
    )


async def get_parked(tx: Tx, parked_id: UUID) -> Any:
    """Return one parked key, or None."""
    return (await tx.execute(select(parked).where(parked.c.id == parked_id))).one_or_none()


async def purge_solved(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Remove keys that were solved before a moment; return how many."""
    solved = (parked.c.state == "solved") & (parked.c.changed_at < before)
    old = select(parked.c.id).where(solved).order_by(parked.c.id).limit(at_most)
    return (await tx.execute(delete(parked).where(parked.c.id.in_(old)))).rowcount
