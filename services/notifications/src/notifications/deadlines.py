"""What notifications does when time passes: it sends, delivers, asks, switches off and forgets."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Final
from uuid import UUID

import structlog

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from common.runtime.event_loop import told_to_stop
from common.service import LoopContext
from common.service.apart import apart
from common.service.retention import EVERY, run_hourly
from notifications.channels.mail import FolderChannel, channel_of
from notifications.channels.webhooks import webhooks_of
from notifications.store.endpoints import QUESTIONS
from notifications.usecases import endpoints, retention
from notifications.usecases.delivering import Deliverer
from notifications.usecases.mailing import Letters

log = structlog.get_logger()

deadlines: Final = Deadlines()
POLL: Final = 2.0
"""Seconds after which endpoints are looked for without being woken."""
LOOK: Final = 2.0
"""Seconds of real time between two looks whether somebody was erased, where mail goes into a folder."""


@deadlines.on(endpoints.KEEPS_FAILING)
async def keeps_failing(endpoint_id: UUID, tx: Tx) -> None:
    """Switch off an endpoint that has failed for days."""
    await endpoints.disable_if_failing(tx, endpoint_id)


@apart
async def send_mail(context: LoopContext) -> None:
    """Send what is due, for ever; in a thread of its own, since webhooks must not wait while a letter is composed."""
    await Letters(context.database, channel_of(context.settings), context.settings).run()


async def deliver_webhooks(context: LoopContext) -> None:
    """Deliver what is due, for ever."""
    async with webhooks_of(context.settings) as webhooks:
        await Deliverer(context.database, webhooks).run()


async def ask_endpoints(context: LoopContext) -> None:
    """Ask new endpoints whether they want deliveries, for ever."""
    woken = context.database.wakeup(QUESTIONS)
    async with webhooks_of(context.settings) as webhooks:
        while not told_to_stop():
            woken.clear()
            if not await endpoints.ask_due(context.database, webhooks):
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await woken.wait()


async def clear_folder(context: LoopContext) -> None:
    """Where mail goes into a folder: delete letters after their term, and of who was erased soon after; for ever."""
    channel = channel_of(context.settings)
    if not isinstance(channel, FolderChannel):
        await asyncio.Event().wait()  # what a mail server took is not ours to delete
        return
    looked, known = -EVERY, -1
    while not told_to_stop():
        if (erased := await retention.erased(context.database)) != known or monotonic() - looked >= EVERY:
            if files := await retention.clear(context.database, channel):
                log.info("retention.letters-deleted", files=files)
            looked, known = monotonic(), erased
        await asyncio.sleep(LOOK)


tidy: Final = run_hourly(*retention.PURGES)
"""Forget what is past its retention, for ever."""
