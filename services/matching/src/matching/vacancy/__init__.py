"""A vacancy as matching sees it: what is asked, how many places are taken, and whether it is on the waiting list."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.vacancy import handlers, routes, tables
from matching.vacancy.model.vacancy import LIFE_CYCLE

slice_: Final = Slice(
    name="vacancy",
    life_cycles={"vacancy": LIFE_CYCLE},
    tables=[tables.vacancies],
    routers=[routes.router],
    handlers=handlers.handlers,
)
