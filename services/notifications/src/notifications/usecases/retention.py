"""Forget: first what a message said, later that it was sent, and with it the events of that time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from common.persistence.database import Database
from common.persistence.terms import Purge
from common.persistence.transaction import Tx
from notifications.channels.mail import FolderChannel
from notifications.store import contacts, deliveries, feed, former, messages
from notifications.usecases.writing import named

_BATCH: Final = 500


async def tidy_messages(tx: Tx) -> int:
    """Forget what messages said, and later that they were sent; return how many rows changed. What is owed stays.

    Raises:
        Missing: the policy has not arrived.
    """
    content_before, all_before = await _terms(tx)
    return await messages.tidy(tx, content_before=content_before, all_before=all_before)


async def tidy_former_addresses(tx: Tx) -> int:
    """Forget the former addresses that were written to; return how many rows that were.

    Raises:
        Missing: the policy has not arrived.
    """
    days: int = (await tx.policies()).on("retention.former_address", tx.today).value["daysAfterSending"]
    return await former.purge(tx, tx.now - timedelta(days=days))


async def tidy_deliveries(tx: Tx) -> int:
    """Forget what was delivered long ago; return how many rows that were.

    Raises:
        Missing: the policy has not arrived.
    """
    _, all_before = await _terms(tx)
    return await deliveries.tidy(tx, before=all_before)


async def tidy_feed(tx: Tx) -> int:
    """Forget events that are owed to nobody any more; return how many rows that were.

    Raises:
        Missing: the policy has not arrived.
    """
    _, all_before = await _terms(tx)
    return await feed.tidy(tx, before=all_before)


async def tidy_vacancies(tx: Tx) -> int:
    """Delete what is known of vacancies that ended long ago; return how many rows that were.

    Raises:
        Missing: the policy has not arrived.
    """
    _, all_before = await _terms(tx)
    return await contacts.purge_vacancies(tx, all_before)


async def _terms(tx: Tx) -> tuple[datetime, datetime]:
    kept = (await tx.policies()).on("retention.message_content", tx.today).value
    return tx.now - timedelta(days=kept["contentDays"]), tx.now - timedelta(days=kept["metadataDays"])


MESSAGES_TERM: Final = "retention.message_content"
PURGES: Final = (
    Purge(table="messages", policy=MESSAGES_TERM, forget=tidy_messages),
    Purge(table="former_addresses", policy="retention.former_address", forget=tidy_former_addresses),
    Purge(table="vacancies", policy=MESSAGES_TERM, forget=tidy_vacancies),
    Purge(table="deliveries", policy=MESSAGES_TERM, forget=tidy_deliveries),
    Purge(table="feed", policy=MESSAGES_TERM, forget=tidy_feed),
)
"""What an hour purges, in this order: an event stays as long as a delivery of it."""


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
        return await contacts.count_erased(tx)


async def _may_stay(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    speaking = [message for message in await messages.of(tx, ids) if message.facts]
    in_them = {message.id: {message.recipient_id, *named(message).values()} for message in speaking}
    reached = await contacts.contacts_of(tx, {id_ for people in in_them.values() for id_ in people})
    gone = {id_ for id_, contact in reached.items() if contact.erased}
    return {id_ for id_, people in in_them.items() if not people & gone}
