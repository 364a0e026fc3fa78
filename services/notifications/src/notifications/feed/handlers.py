"""When anything happens anywhere that outsiders may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import events.catalogue  # noqa: F401 - an event that is not known here would be passed over
from common.messaging.consumer import Handlers, Received
from common.persistence.transaction import Tx
from notifications.feed import usecases

handlers: Final = Handlers("notifications.feed")


@handlers.every
async def append(received: Sequence[Received], tx: Tx) -> None:
    """Append events to the feed."""
    await usecases.append(tx, received)
