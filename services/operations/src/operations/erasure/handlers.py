"""When a person is erased: stored answers about them go, and it is confirmed."""

from __future__ import annotations

from typing import Final

from common.messaging import erasure
from common.messaging.consumer import Handlers
from common.persistence.transaction import Tx
from events.registry import TrainerAnonymised

handlers: Final = Handlers()


@handlers.on(TrainerAnonymised)
async def erase(event: TrainerAnonymised, tx: Tx) -> None:
    """Erase them here; cases and figures have ids and codes only."""
    await erasure.erase(tx, event.trainer_id)
