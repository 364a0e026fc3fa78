"""The operations service, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from common.service.retention import run_hourly
from operations import store
from operations.console import create_console
from operations.handlers import handlers
from operations.routes import ROUTERS
from operations.usecases.retention import PURGES

service: Final = Service(
    name="operations",
    title="Operations",
    description="The flow of every case across all services, the programme's figures, and what an operator orders.",
    tables=store.metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=ROUTERS,
    handlers=handlers,
    loops=[run_hourly(*PURGES)],
    pages={"/console": create_console},
)
