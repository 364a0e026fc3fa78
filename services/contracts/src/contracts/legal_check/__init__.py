"""The legal check of a contract before a party signs it."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.legal_check import handlers, routes

slice_: Final = Slice(
    name="legal_check",
    routers=[routes.terms, routes.reviews],
    handlers=handlers.handlers,
)
