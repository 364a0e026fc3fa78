"""A contract: from a draft through the checks and signatures to work, and to its end."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.contract import deadlines, handlers, routes, store, tables
from contracts.contract.model.contract import LIFE_CYCLE

slice_: Final = Slice(
    name="contract",
    life_cycles={"contract": LIFE_CYCLE},
    tables=[tables.contracts, tables.decisions, tables.documents],
    routers=[routes.router],
    handlers=handlers.handlers,
    deadlines=deadlines.deadlines,
    scrub=store.scrub,
)
