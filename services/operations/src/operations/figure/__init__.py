"""The programme's figures, counted and rounded."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from operations.figure import handlers, routes, tables

slice_: Final = Slice(
    name="figure",
    tables=[tables.trainers, tables.assignments, tables.hours, tables.secrets],
    routers=[routes.router],
    handlers=handlers.handlers,
)
