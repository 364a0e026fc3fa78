"""The notifications service, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from notifications import endpoint, fact, feed, message
from notifications.tables import metadata

SLICES: Final = (fact, message, feed, endpoint)
"""In their order: each imports those before it."""

service: Final = Service(
    name="notifications",
    title="Notifications",
    description="Mail to people, webhooks and a feed of events to partners.",
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    slices=[each.slice_ for each in SLICES],
)
