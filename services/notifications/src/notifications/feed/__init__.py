"""The feed: every event that outsiders may see, in one order. A projection without effects."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from notifications.feed import handlers, routes, tables

slice_: Final = Slice(
    name="feed",
    tables=[tables.feed, tables.feed_owners],
    routers=[routes.router],
    handlers=handlers.handlers,
)
