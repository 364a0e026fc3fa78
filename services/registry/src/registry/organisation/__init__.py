"""Boards, schools, locations, companies and desks: who takes part, where, and whom to address."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from events.registry import ContactState
from registry.organisation import routes, tables

slice_: Final = Slice(
    name="organisation",
    tables=[tables.organisations],
    routers=[routes.router],
    states=[ContactState],
)
