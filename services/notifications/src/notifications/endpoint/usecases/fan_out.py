"""Enqueue deliveries of what the feed has got, from where the last ones ended."""

from __future__ import annotations

from typing import Final

from common.persistence.database import Database
from notifications.endpoint.store import deliveries, endpoints
from notifications.feed import store as feed

BATCH: Final = 500
"""Events of one transaction."""


async def enqueue_new(database: Database) -> bool:
    """Enqueue a delivery of each new event for each endpoint that asked for it and whose owner takes part.

    One process at a time. Returns whether there may be more.
    """
    async with database.begin(actor="webhooks") as tx:
        new = await feed.read_on(tx, await deliveries.lock_cursor(tx), BATCH)
        if not new:
            return False
        listening = await endpoints.present(tx)
        await deliveries.enqueue(
            tx,
            [
                deliveries.New(endpoint.id, row.event_id, row.position, row.subject)
                for row in new
                for endpoint in listening
                if endpoint.owner_id in row.owners and endpoint.wants(row.event)
            ],
        )
        await deliveries.move_cursor(tx, new[-1].position)
    return len(new) == BATCH
