"""The contracts service, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from contracts import store
from contracts.deadlines import deadlines
from contracts.handlers import handlers
from contracts.routes import ROUTERS

service: Final = Service(
    name="contracts",
    title="Contracts",
    description=(
        "What was agreed, signed, taught and approved: contracts in four forms, judged by VAT law, eligibility, "
        "working time and the other rules before anybody signs; assignments; hours."
    ),
    tables=store.metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=ROUTERS,
    handlers=handlers,
    deadlines=deadlines,
)
