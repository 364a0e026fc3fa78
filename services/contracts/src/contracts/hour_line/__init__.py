"""Hours of a day: handed in, approved, sent back, taken back."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.hour_line import routes, tables
from contracts.hour_line.model.hour_line import LIFE_CYCLE

slice_: Final = Slice(
    name="hour_line",
    life_cycles={"hour_line": LIFE_CYCLE},
    tables=[tables.hour_lines],
    routers=[routes.router],
)
