"""Append to the feed what each party may read of an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.messaging.consumer import Received
from common.persistence.transaction import Tx
from events import name_of
from events.parties import Parties
from notifications.fact.usecases import learn_and_complete_parties
from notifications.feed import store
from notifications.feed.model import bodies_of
from notifications.feed.tables import feed_parties


async def append(tx: Tx, received: Sequence[Received]) -> None:
    """Append the events that have parties; those that are there already stay as they are."""
    parties = await learn_and_complete_parties(tx, received, feed_parties)
    rows = [row for item in received if (row := _row(item, parties[item.envelope.id])) is not None]
    await store.append(tx, rows)


def _row(item: Received, parties: Parties) -> Mapping[str, Any] | None:
    owners = parties.ids()
    if item.event is None or not owners:
        return None
    bodies = bodies_of(item.envelope, item.event, parties)
    return {
        "event_id": item.envelope.id,
        "event": name_of(item.envelope.type),
        "subject": item.envelope.subject,
        "recorded_at": item.envelope.time,
        "owners": sorted(owners),
        "body": bodies.shown,
        "whole_body": bodies.whole,
        "party_bodies": {str(party): text for party, text in bodies.by_party.items()} or None,
    }
