"""Keys whose events wait, and what an operator orders about them."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from operations.parked_event import handlers, routes, tables, usecases

slice_: Final = Slice(
    name="parked_event",
    tables=[tables.parked],
    routers=[routes.router],
    handlers=handlers.handlers,
    purges=[usecases.PURGE],
)
