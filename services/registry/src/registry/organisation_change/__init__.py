"""An organisation changes, moves under another parent or ends, and its vacancies follow."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.organisation_change import deadlines, tables
from registry.organisation_change.model import LIFE_CYCLE
from registry.organisation_change.routes import changing, closing, moves

slice_: Final = Slice(
    name="organisation_change",
    life_cycles={"organisation_move": LIFE_CYCLE},
    tables=[tables.organisation_moves],
    routers=[changing.router, closing.router, moves.router],
    deadlines=deadlines.deadlines,
)
