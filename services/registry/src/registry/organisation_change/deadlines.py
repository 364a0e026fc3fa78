"""When time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from registry.organisation_change.usecases import moving

deadlines: Final = Deadlines()


@deadlines.on(moving.EXPIRES)
async def a_move_is_not_answered(move_id: UUID, tx: Tx) -> None:
    """A parent said neither yes nor no."""
    await moving.expire(tx, move_id)
