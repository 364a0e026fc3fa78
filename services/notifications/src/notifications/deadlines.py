"""What notifications does when time passes: it sends, delivers, asks, switches off and forgets."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Final
from uuid import UUID

import structlog

from common.apart import apart
from common.deadlines import Deadlines
from common.event_loop import told_to_stop
from common.retention import EVERY, hourly
from common.running import Running
from common.transaction import Tx
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
async def send_mail(running: Running) -> None:
    """Send what is due, for ever; in a thread of its own, since webhooks must not wait while a letter is composed."""
    await Letters(running.database, channel_of(running.settings), running.settings).run()


async def deliver_webhooks(running: Running) -> None:
    """Deliver what is due, for ever."""
    async with webhooks_of(running.settings) as webhooks:
        await Deliverer(running.database, webhooks).run()


async def ask_endpoints(running: Running) -> None:
    """Ask new endpoints whether they want deliveries, for ever."""
    woken = running.database.wakeup(QUESTIONS)
    async with webhooks_of(running.settings) as webhooks:
        while not told_to_stop():
            woken.clear()
            if not await endpoints.ask_due(running.database, webhooks):
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await woken.wait()


async def clear_folder(running: Running) -> None:
    """Where mail goes into a folder: delete letters after their term, and of who was erased soon after; for ever."""
    channel = channel_of(running.settings)
    if not isinstance(channel, FolderChannel):
        await asyncio.Event().wait()  # what a mail server took is not ours to delete
        return
    looked, known = -EVERY, -1
    while not told_to_stop():
        if (erased := await retention.erased(running.database)) != known or monotonic() - looked >= EVERY:
            if files := await retention.clear(running.database, channel):
                log.info("retention.letters-deleted", files=files)
            looked, known = monotonic(), erased
        await asyncio.sleep(LOOK)


tidy: Final = hourly(*retention.PURGES)
"""Forget what is past its retention, for ever."""
