"""When the last day for a decision passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from matching.appeal import usecases

deadlines: Final = Deadlines()


@deadlines.on(usecases.DECIDE)
async def pass_deadline(appeal_id: UUID, tx: Tx) -> None:
    """Have the programme watch an appeal that was not decided in time."""
    await usecases.pass_deadline(tx, appeal_id)
