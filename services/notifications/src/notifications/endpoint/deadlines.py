"""Deadlines of endpoints: they are asked, delivered to, and switched off when they keep failing."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from common.service import LoopContext
from notifications.endpoint.channels.webhooks import webhooks_of
from notifications.endpoint.usecases import endpoints
from notifications.endpoint.usecases.asking import Questions
from notifications.endpoint.usecases.delivering import Deliverer

deadlines: Final = Deadlines()


@deadlines.on(endpoints.KEEPS_FAILING)
async def keeps_failing(endpoint_id: UUID, tx: Tx) -> None:
    """Switch off an endpoint that has failed for days."""
    await endpoints.disable_if_failing(tx, endpoint_id)


async def deliver_webhooks(context: LoopContext) -> None:
    """Deliver what is due, for ever."""
    async with webhooks_of(context.settings) as webhooks:
        await Deliverer(context.database, webhooks).run()


async def ask_endpoints(context: LoopContext) -> None:
    """Ask new endpoints whether they want deliveries, for ever."""
    async with webhooks_of(context.settings) as webhooks:
        await Questions(context.database, webhooks).run()
