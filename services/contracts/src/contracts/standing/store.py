"""The standings as they were declared last."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from contracts.standing.model import Standing
from contracts.standing.tables import standings as table

_STANDING: Final = TypeAdapter(Standing)
_DAY: Final = "above_cap_until"


async def standing_at(tx: Tx, trainer_id: UUID, board_id: UUID) -> Standing:
    """Return what a board declared of a person; an empty standing where it declared nothing."""
    query = select(table).where(table.c.trainer_id == trainer_id, table.c.board_id == board_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        return Standing(trainer_id=trainer_id, board_id=board_id)
    return _STANDING.validate_python(dict(row))


async def declare(tx: Tx, standing: Standing) -> Standing:
    """Keep it instead of what was declared before."""
    row = _STANDING.dump_python(standing, mode="json") | {
        "trainer_id": standing.trainer_id,
        "board_id": standing.board_id,
        _DAY: standing.above_cap_until,
    }
    keys = [table.c.trainer_id, table.c.board_id]
    await tx.execute(insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=row))
    return standing


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Delete what was declared of a trainer; return how many rows that were."""
    return (await tx.execute(delete(table).where(table.c.trainer_id == trainer_id))).rowcount
