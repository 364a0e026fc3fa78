"""Business time, which moves in a test or demonstration only."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from operations.clock import routes

slice_: Final = Slice(
    name="clock",
    routers=[routes.router],
)
