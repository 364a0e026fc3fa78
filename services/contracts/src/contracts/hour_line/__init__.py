"""Hours of a day: handed in, approved, sent back, taken back."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.hour_line import routes, tables

slice_: Final = Slice(
    name="hour_line",
    tables=[tables.hour_lines],
    routers=[routes.router],
)
