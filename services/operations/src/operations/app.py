"""The operations service, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from operations import case, clock, console, erasure, figure, parked_event
from operations.tables import metadata

SLICES: Final = (case, figure, erasure, parked_event, clock, console)
"""In their order: each imports those before it."""

service: Final = Service(
    name="operations",
    title="Operations",
    description="The flow of every case across all services, the programme's figures, and what an operator orders.",
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    slices=[each.slice_ for each in SLICES],
)
