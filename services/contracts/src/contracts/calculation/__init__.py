"""Calculations: the law applied to work on which no party has agreed."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.calculation import routes

slice_: Final = Slice(
    name="calculation",
    routers=[routes.router],
)
