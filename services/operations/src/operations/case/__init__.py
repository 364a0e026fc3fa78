"""Cases: the steps of a vacancy, a trainer or an organisation, and the next one."""

from __future__ import annotations

from typing import Final

from common.service import Projection, Slice
from operations.case import handlers, routes, tables
from operations.case.usecases import retention

slice_: Final = Slice(
    name="case",
    routers=[routes.router],
    projections=[
        Projection(
            handlers=handlers.handlers,
            tables=[tables.steps, tables.cases, tables.case_parties, tables.links, tables.open_steps],
            purges=[retention.PURGE],
        )
    ],
)
