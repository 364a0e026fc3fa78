"""Signed contracts, as contracts published them: they take places and are a ground to keep data."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.engagement import tables

slice_: Final = Slice(
    name="engagement",
    tables=[tables.engagements],
)
