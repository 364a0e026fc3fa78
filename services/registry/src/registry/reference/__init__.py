"""Regions, trades and postcode areas: open data that everything else is named by."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.reference import routes, tables

slice_: Final = Slice(
    name="reference",
    tables=[tables.regions, tables.trades, tables.postcode_areas],
    routers=[routes.router],
)
