"""A contract at work, which hours are handed in for."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.assignment import deadlines, handlers, routes, tables
from contracts.assignment.model.assignment import LIFE_CYCLE

slice_: Final = Slice(
    name="assignment",
    life_cycles={"assignment": LIFE_CYCLE},
    tables=[tables.assignments],
    routers=[routes.at_work, routes.router],
    handlers=handlers.handlers,
    deadlines=deadlines.deadlines,
)
