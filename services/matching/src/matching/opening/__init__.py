"""The openings that a trainer fits or nearly fits, what keeps them apart, and the odds."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.opening import routes

slice_: Final = Slice(name="opening", routers=[routes.router])
