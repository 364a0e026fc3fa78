"""The programme's figures, counted and rounded."""

from __future__ import annotations

from typing import Final

from common.service import Projection, Slice
from operations.figure import handlers, routes, tables

slice_: Final = Slice(
    name="figure",
    tables=[tables.secrets],
    routers=[routes.router],
    projections=[
        Projection(
            handlers=handlers.handlers,
            tables=[tables.trainers, tables.assignments, tables.hours, tables.bottlenecks],
        ),
    ],
)
