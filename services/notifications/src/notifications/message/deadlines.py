"""Deadlines of messages: they are sent, and the mail folder is cleared."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

import structlog

from common.runtime.event_loop import is_stopping
from common.service import LoopContext
from common.service.apart import apart
from common.service.retention import EVERY
from notifications.message.channels.mail import FolderChannel, channel_of
from notifications.message.usecases import retention
from notifications.message.usecases.mailing import Letters

log = structlog.get_logger()

LOOK: Final = 2.0
"""Seconds of real time between two checks for erased parties, where mail goes into a folder."""


@apart
async def send_mail(context: LoopContext) -> None:
    """Send what is due, for ever; in a thread of its own, so that webhooks do not wait while a letter is composed."""
    await Letters(context.database, channel_of(context.settings), context.settings).run()


async def clear_folder(context: LoopContext) -> None:
    """Where mail goes into a folder: delete letters after their term, and of who was erased soon after; for ever."""
    channel = channel_of(context.settings)
    if not isinstance(channel, FolderChannel):
        await asyncio.Event().wait()  # what a mail server took is not ours to delete
        return
    looked, known = -EVERY, -1
    while not is_stopping():
        if (erased := await retention.erased(context.database)) != known or monotonic() - looked >= EVERY:
            if files := await retention.clear(context.database, channel):
                log.info("retention.letters-deleted", files=files)
            looked, known = monotonic(), erased
        await asyncio.sleep(LOOK)
