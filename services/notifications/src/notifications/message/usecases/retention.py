"""Purge letters: first what a message says, later that it was sent; and clear the folder that mail may go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from common.persistence.database import Database
from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from notifications.fact import store as facts
from notifications.fact.usecases import TERM, UNIT
from notifications.message.channels.mail import FolderChannel
from notifications.message.store import former, messages
from notifications.message.usecases.writing import named

_BATCH: Final = 500
_FORMER: Final = "retention.former_address"


async def purge_messages(tx: Tx) -> int:
    """Empty messages, and later delete them; return how many rows changed. What is to go out stays.

    Raises:
        MissingDependency: the policy has not arrived.
    """
    content, everything = await cutoff(tx, TERM, "contentDays"), await cutoff(tx, TERM, UNIT)
    if content is None or everything is None:
        return 0
    return await messages.purge(tx, content_before=content, all_before=everything)


async def purge_former_addresses(tx: Tx) -> int:
    """Delete the former addresses that were written to; return how many rows that were.

    Raises:
        MissingDependency: the policy has not arrived.
    """
    before = await cutoff(tx, _FORMER, "daysAfterSending")
    return 0 if before is None else await former.purge(tx, before)


PURGES: Final = (
    Purge(table="messages", policy=TERM, forget=purge_messages),
    Purge(table="former_addresses", policy=_FORMER, forget=purge_former_addresses),
)


async def clear(database: Database, folder: FolderChannel) -> int:
    """Delete the letters in a mail folder that say what is to be forgotten; return how many files that were.

    A letter stays as long as its message may say something, and none whom it reaches or names was erased.
    """
    ids, gone = await folder.letters(), 0
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        async with database.begin(actor="retention") as tx:
            stay = await _may_stay(tx, some)
        gone += await folder.remove(set(some) - stay)
    return gone


async def erased(database: Database) -> int:
    """Count who was erased: when it changes, there may be letters to delete."""
    async with database.begin(actor="retention") as tx:
        return await facts.count_erased(tx)


async def _may_stay(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    speaking = [message for message in await messages.of(tx, ids) if message.facts]
    in_them = {message.id: {message.recipient_id, *named(message).values()} for message in speaking}
    reached = await facts.contacts_of(tx, {id_ for people in in_them.values() for id_ in people})
    gone = {id_ for id_, contact in reached.items() if contact.erased}
    return {id_ for id_, people in in_them.items() if not people & gone}
