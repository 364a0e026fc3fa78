"""Over HTTP."""

from __future__ import annotations

from typing import Final

from common.web import Router
from operations.routes import cases, clock, figures, flow

ROUTERS: Final[tuple[Router, ...]] = (cases.router, figures.router, flow.router, clock.router)
