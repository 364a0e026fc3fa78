"""When anything happens that a partner asked for, or a partner is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from common.messaging.consumer import Handlers, Received
from common.persistence.transaction import Tx
from events.registry import ContactState
from notifications.endpoint.usecases import endpoints, fan_out

handlers: Final = Handlers()


@handlers.on(ContactState)
async def ask_confirmed(state: ContactState, tx: Tx) -> None:
    """Ask the endpoints that waited for their owner to be confirmed."""
    await endpoints.ask_confirmed(tx, state.party_id)


@handlers.every
async def enqueue(received: Sequence[Received], tx: Tx) -> None:
    """Enqueue a delivery for each endpoint that asked for the event."""
    await fan_out.enqueue(tx, received)
