"""When a partner is confirmed."""

from __future__ import annotations

from typing import Final

from common.messaging.consumer import Handlers
from common.persistence.transaction import Tx
from events.registry import ContactState
from notifications.endpoint.usecases import endpoints

handlers: Final = Handlers()


@handlers.on(ContactState)
async def ask_confirmed(state: ContactState, tx: Tx) -> None:
    """Ask the endpoints that waited for their owner to be confirmed."""
    await endpoints.ask_confirmed(tx, state.party_id)
