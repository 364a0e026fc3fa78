"""Letters: which event has one, for which recipients, and the mail itself."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from notifications.message import deadlines, handlers, routes, tables
from notifications.message.model.message import LIFE_CYCLE
from notifications.message.store import messages
from notifications.message.usecases import mailing, recipients, retention

slice_: Final = Slice(
    name="message",
    life_cycles={"message": LIFE_CYCLE},
    tables=[tables.messages, tables.former_addresses, tables.outgoing],
    routers=[routes.router],
    handlers=handlers.handlers,
    queues={messages.QUEUE: mailing.try_again},
    loops=[deadlines.send_mail, deadlines.clear_folder],
    purges=retention.PURGES,
    scrub=recipients.erase_contact,
)
