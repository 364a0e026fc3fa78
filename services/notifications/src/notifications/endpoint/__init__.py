"""Webhooks: where a partner gets events, and each delivery there."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from notifications.endpoint import deadlines, handlers, routes, tables
from notifications.endpoint.model.endpoint import LIFE_CYCLE
from notifications.endpoint.usecases import retention

slice_: Final = Slice(
    name="endpoint",
    life_cycles={"endpoint": LIFE_CYCLE},
    tables=[tables.endpoints, tables.health, tables.questions, tables.deliveries, tables.cursor],
    routers=[routes.router],
    handlers=handlers.handlers,
    deadlines=deadlines.deadlines,
    loops=[deadlines.enqueue_deliveries, deadlines.deliver_webhooks, deadlines.ask_endpoints],
    purges=retention.PURGES,
)
