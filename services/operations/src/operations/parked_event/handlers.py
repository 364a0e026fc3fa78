"""When a consumer parks a key, or solves one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from common.messaging.consumer import Handlers, Received
from common.persistence.transaction import Tx
from events.flow import EventDiscarded, EventParked, EventsRedriven
from operations.parked_event import usecases

handlers: Final = Handlers()


@handlers.bulk(EventParked, EventsRedriven, EventDiscarded)
async def follow(received: Sequence[Received], tx: Tx) -> None:
    """Bring parked keys up to what their consumers published."""
    for item in received:
        if item.event is not None:
            await usecases.follow_parking(tx, item)
