"""An erased trainer leaves every plan's assignments; the document keeps the pseudonymous id until its term."""

from __future__ import annotations

from uuid import UUID

from common.persistence.transaction import Tx
from matching.plan.store import plans


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Remove a trainer from the plans; return how many rows there were."""
    return await plans.erase(tx, trainer_id)
