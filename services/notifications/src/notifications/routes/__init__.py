"""Over HTTP."""

from __future__ import annotations

from typing import Final

from common.web import Router
from notifications.routes import endpoints, feed, messages

ROUTERS: Final[tuple[Router, ...]] = (messages.router, endpoints.router, feed.router)
