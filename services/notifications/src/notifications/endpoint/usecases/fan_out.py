"""Enqueue deliveries of what the feed has got."""

from __future__ import annotations

from collections.abc import Sequence

from common.messaging.consumer import Received
from common.persistence.transaction import Tx
from events import name_of
from notifications.endpoint.store import deliveries, endpoints
from notifications.fact.usecases import parties_of


async def enqueue(tx: Tx, received: Sequence[Received]) -> None:
    """Enqueue a delivery of each event for each endpoint that asked for it and whose owner takes part."""
    parties = {id_: named.ids() for id_, named in (await parties_of(tx, received)).items()}
    if not any(parties.values()):
        return
    listening = await endpoints.present(tx)
    await deliveries.enqueue(
        tx,
        [
            deliveries.New(endpoint.id, item.envelope.id, item.envelope.subject)
            for item in received
            for endpoint in listening
            if endpoint.owner_id in parties[item.envelope.id] and endpoint.wants(name_of(item.envelope.type))
        ],
    )
