"""The notifications service, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from notifications import deadlines
from notifications.handlers import handlers
from notifications.routes import ROUTERS
from notifications.store import messages, tables
from notifications.usecases import mailing

service: Final = Service(
    name="notifications",
    title="Notifications",
    description="Who is told what: mail to people, webhooks and a feed of events to partners.",
    tables=tables.metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=ROUTERS,
    handlers=handlers,
    deadlines=deadlines.deadlines,
    queues={messages.QUEUE: mailing.try_again},
    loops=[
        deadlines.send_mail,
        deadlines.deliver_webhooks,
        deadlines.ask_endpoints,
        deadlines.tidy,
        deadlines.clear_folder,
    ],
)
