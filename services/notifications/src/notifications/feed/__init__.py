"""The feed: every event that outsiders may see, in one order. A projection without effects."""

from __future__ import annotations

from typing import Final

from common.service import HandedOut, Projection, Slice
from notifications.feed import handlers, routes, tables

slice_: Final = Slice(
    name="feed",
    routers=[routes.router],
    projections=[
        Projection(
            handlers=handlers.handlers,
            # Not first what is written first: only events of long ago have parties to learn.
            tables=[tables.feed, tables.feed_owners, tables.feed_parties],
            handed_out=HandedOut(number=tables.feed.c.position, of=tables.feed.c.event_id),
        )
    ],
)
