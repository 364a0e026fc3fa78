"""Forget: first what a message said, later that it was sent, and with it the events of that time."""

from __future__ import annotations

from datetime import timedelta

from common.transaction import Tx
from notifications.store import deliveries, feed, messages


async def tidy(tx: Tx) -> int:
    """Forget what is past its retention; return how many rows changed. What is still owed stays.

    Raises:
        Missing: the policy has not arrived.
    """
    kept = (await tx.policies()).on("retention.message_content", tx.today).value
    long_ago = tx.now - timedelta(days=kept["metadataDays"])
    rows = await messages.tidy(tx, content_before=tx.now - timedelta(days=kept["contentDays"]), all_before=long_ago)
    rows += await deliveries.tidy(tx, before=long_ago)
    return rows + await feed.tidy(tx, before=long_ago)
