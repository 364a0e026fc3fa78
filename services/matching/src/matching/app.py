"""The matching service, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from matching import routes, store
from matching.deadlines import deadlines, tidy
from matching.handlers import handlers

service: Final = Service(
    name="matching",
    title="Matching",
    description="Who fits where and why, who was asked, and who agreed: blind until everybody did.",
    tables=store.metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=routes.ROUTERS,
    handlers=handlers,
    deadlines=deadlines,
    loops=[tidy],
)
