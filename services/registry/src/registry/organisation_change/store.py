"""Moves of organisations."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import or_

from common.persistence.store import Store
from common.persistence.transaction import Tx
from registry.organisation_change.model import PROPOSED, Move
from registry.organisation_change.tables import organisation_moves as table

moves: Final = Store(Move, table)


async def since(tx: Tx, organisation_id: UUID, moment: datetime) -> list[Move]:
    """Return what an organisation proposed since a moment, and what it still waits for."""
    recent = or_(table.c.proposed_at >= moment, table.c.status == PROPOSED.value)
    return await moves.where(tx, table.c.organisation_id == organisation_id, recent)
