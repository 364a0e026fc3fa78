"""What notifications does when something happens elsewhere: it knows whom to reach, and follows everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import events.catalogue  # noqa: F401 - an event that is not known here would be passed over
from common.messaging.consumer import Handlers, Received, Waits
from common.persistence.transaction import Tx
from events.registry import ContactState
from notifications.usecases import following

handlers: Final = Handlers()


@handlers.on(ContactState)
async def keep_contact(state: ContactState, tx: Tx) -> None:
    """Keep how a party is reached."""
    await following.keep_contact(tx, state)


@handlers.on_tombstone(ContactState)
async def forget_contact(key: str, tx: Tx) -> None:
    """Forget how a party is reached."""
    await following.forget_contact(tx, UUID(key))


@handlers.every
async def follow(received: Sequence[Received], tx: Tx) -> Sequence[Waits]:
    """Tell by mail, by webhook and on the feed what happened."""
    return await following.follow(tx, received)
