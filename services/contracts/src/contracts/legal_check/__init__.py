"""What the law says of a contract before anybody signs it."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.legal_check import handlers, routes

slice_: Final = Slice(
    name="legal_check",
    routers=[routes.terms, routes.reviews],
    handlers=handlers.handlers,
)
