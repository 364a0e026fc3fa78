"""Which services have scrubbed their copy of a person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from registry.store.tables import erasures as table


async def confirm(tx: Tx, trainer_id: UUID, service: str, *, rows: int, at: datetime) -> None:
    """Remember a service's confirmation; the first one counts."""
    row = {"trainer_id": trainer_id, "service": service, "confirmed_at": at, "rows": rows}
    await tx.execute(insert(table).values(row).on_conflict_do_nothing())
