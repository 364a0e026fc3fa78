"""The operations service, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from operations import store
from operations.console import create_console
from operations.handlers import handlers
from operations.routes import ROUTERS

service: Final = Service(
    name="operations",
    title="Operations",
    description="The flow of every case across all services, the programme's figures, and what an operator orders.",
    tables=store.metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=ROUTERS,
    handlers=handlers,
    pages={"/console": create_console},
)
