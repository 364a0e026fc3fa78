"""What operations does when something happens elsewhere: it follows everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import events.catalogue  # noqa: F401 - an event that is not known here would be passed over
from common.messaging.consumer import Handlers, Received
from common.persistence.transaction import Tx
from operations.usecases import following

handlers: Final = Handlers()


@handlers.every
async def follow(received: Sequence[Received], tx: Tx) -> None:
    """Bring every case up to what happened."""
    await following.follow(tx, received)
