"""When anything happens that figures count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from common.messaging.consumer import Handlers, Received
from common.persistence.transaction import Tx
from operations.figure import usecases

handlers: Final = Handlers("operations.figures")


@handlers.bulk(*usecases.COUNTED)
async def count(received: Sequence[Received], tx: Tx) -> None:
    """Keep the facts that figures count."""
    await usecases.count(tx, [item.event for item in received if item.event is not None])
