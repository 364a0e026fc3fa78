"""Over HTTP."""

from __future__ import annotations

from typing import Final

from common.web import Router
from contracts.routes import assignments, calculations, contracts, hours, overrides, reviews

ROUTERS: Final[tuple[Router, ...]] = (
    contracts.router,
    reviews.router,
    assignments.router,
    hours.router,
    overrides.router,
    calculations.router,
)
