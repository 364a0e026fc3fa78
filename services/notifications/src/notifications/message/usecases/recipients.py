"""Contacts that change or are erased, and what follows for letters."""

from __future__ import annotations

from uuid import UUID

from common.persistence.transaction import Tx
from events.registry import ContactState
from notifications.fact import store as facts
from notifications.fact.usecases import keep_contact as copy_contact
from notifications.message.store import former, messages
from notifications.message.usecases import readdressing


async def keep_contact(tx: Tx, state: ContactState) -> None:
    """Copy how a party is reached, write to a former address, and send what waited for an address."""
    before = await copy_contact(tx, state)
    if tx.cause is not None and readdressing.is_moved(before, state):
        await readdressing.write_to_former(tx, tx.cause, before, state)
    if state.email is not None:
        await messages.expedite(tx, state.party_id)


async def erase_contact(tx: Tx, party_id: UUID) -> int:
    """Erase how a party is reached and drop what is planned for it; return how many rows held something."""
    planned = await messages.planned_for(tx, party_id)
    for message in planned:
        await messages.store.apply(tx, *message.drop(tx.now, "recipient_erased"))
    await messages.unqueue(tx, [message.id for message in planned])
    rows = await facts.erase_contact(tx, party_id) + await facts.erase_works(tx, party_id)
    return rows + await former.erase(tx, party_id) + len(planned)
