"""The information sheet of a proposal: what was used and what never, who decides, how long it stays, how to appeal."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.information import routes

slice_: Final = Slice(name="information", routers=[routes.router])
