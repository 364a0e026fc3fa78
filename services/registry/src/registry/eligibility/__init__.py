"""Whether a person may teach something somewhere, on which ground, and which way leads there."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.eligibility import routes

slice_: Final = Slice(name="eligibility", routers=[routes.router])
