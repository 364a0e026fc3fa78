"""What happened to a vacancy, a trainer or an organisation, and what is next."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from operations.case import handlers, routes, tables
from operations.case.usecases import retention

slice_: Final = Slice(
    name="case",
    tables=[tables.cases, tables.case_parties, tables.steps, tables.links, tables.open_steps],
    routers=[routes.router],
    handlers=handlers.handlers,
    purges=[retention.PURGE],
)
