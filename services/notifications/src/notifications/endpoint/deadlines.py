"""Deadlines of endpoints: they are asked, delivered to, and switched off when they keep failing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from common.runtime.event_loop import is_stopping
from common.service import LoopContext
from notifications.endpoint.channels.webhooks import webhooks_of
from notifications.endpoint.usecases import endpoints, fan_out
from notifications.endpoint.usecases.asking import Questions
from notifications.endpoint.usecases.delivering import Deliverer
from notifications.feed.store import APPENDED

deadlines: Final = Deadlines()
POLL: Final = 2.0
"""Seconds after which a loop looks without being woken."""


@deadlines.on(endpoints.KEEPS_FAILING)
async def keeps_failing(endpoint_id: UUID, tx: Tx) -> None:
    """Switch off an endpoint that has failed for days."""
    await endpoints.disable_if_failing(tx, endpoint_id)


async def enqueue_deliveries(context: LoopContext) -> None:
    """Enqueue deliveries of what the feed has got, for ever."""
    woken = context.database.wakeup(APPENDED)
    while not is_stopping():
        woken.clear()
        if not await fan_out.enqueue_new(context.database):
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await woken.wait()


async def deliver_webhooks(context: LoopContext) -> None:
    """Deliver what is due, for ever."""
    async with webhooks_of(context.settings) as webhooks:
        await Deliverer(context.database, webhooks).run()


async def ask_endpoints(context: LoopContext) -> None:
    """Ask new endpoints whether they want deliveries, for ever."""
    async with webhooks_of(context.settings) as webhooks:
        await Questions(context.database, webhooks).run()
