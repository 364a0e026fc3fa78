"""Former addresses of parties: each is stored for the one letter that goes there, and a little longer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from notifications.message.model.message import Status
from notifications.message.tables import former_addresses as table
from notifications.message.tables import messages


async def add(tx: Tx, message_id: UUID, *, address: str, language: str, changed_at: datetime) -> bool:
    """Store an address for a letter; False where the same change has a letter to it already.

    Organisations that are addressed through another one change with it, all at the same moment.
    """
    row = insert(table).values(message_id=message_id, address=address, language=language, changed_at=changed_at)
    return bool((await tx.execute(row.on_conflict_do_nothing())).rowcount)


async def of_letter(tx: Tx, message_id: UUID) -> Any | None:
    """Return where a letter goes, as a contact without a name."""
    query = select(table.c.address.label("email"), table.c.language).where(table.c.message_id == message_id)
    return (await tx.execute(query)).one_or_none()


async def erase(tx: Tx, party_id: UUID) -> int:
    """Delete the addresses that a party had; return how many."""
    theirs = select(messages.c.id).where(messages.c.recipient_id == party_id)
    return int((await tx.execute(delete(table).where(table.c.message_id.in_(theirs)))).rowcount)


async def purge(tx: Tx, before: datetime) -> int:
    """Delete those whose letter ended before a moment, or is not there any more; return how many."""
    needed = select(messages.c.id).where(
        messages.c.id == table.c.message_id,
        (messages.c.status == Status.PLANNED) | (func.coalesce(messages.c.ended_at, before) >= before),
    )
    return int((await tx.execute(delete(table).where(~needed.exists()))).rowcount)
