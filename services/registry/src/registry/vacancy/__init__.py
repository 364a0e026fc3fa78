"""A vacancy: what a school asks, until every place has a signed contract and every contract is over."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.vacancy import deadlines, handlers, routes, tables
from registry.vacancy.model.vacancy import LIFE_CYCLE

slice_: Final = Slice(
    name="vacancy",
    life_cycles={"vacancy": LIFE_CYCLE},
    tables=[tables.vacancies],
    routers=[routes.router],
    handlers=handlers.handlers,
    deadlines=deadlines.deadlines,
)
