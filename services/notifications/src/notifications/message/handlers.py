"""When anything happens that people get a letter about, or how they are reached changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from common.messaging.consumer import Handlers, Received, Waits
from common.persistence.transaction import Tx
from events.registry import ContactState
from notifications.message.usecases import planning, recipients

handlers: Final = Handlers()


@handlers.on(ContactState)
async def keep_contact(state: ContactState, tx: Tx) -> None:
    """Copy how a party is reached: its former address gets a letter, and what waits for an address goes out."""
    await recipients.keep_contact(tx, state)


@handlers.on_tombstone(ContactState)
async def erase_contact(key: str, tx: Tx) -> None:
    """Erase how a party is reached."""
    await recipients.erase_contact(tx, UUID(key))


@handlers.every
async def plan_letters(received: Sequence[Received], tx: Tx) -> Sequence[Waits]:
    """Plan the letters that events have, and drop those that they supersede."""
    return await planning.plan_letters(tx, received)
