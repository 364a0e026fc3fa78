"""Declarations of a board about a person for the law, whatever the number of contracts."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.standing import routes, store, tables

slice_: Final = Slice(
    name="standing",
    tables=[tables.standings],
    routers=[routes.router],
    scrub=store.scrub,
)
