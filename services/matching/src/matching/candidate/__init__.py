"""The candidates of a vacancy as its parties see them, and a proposal of their own choice."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.candidate import routes

slice_: Final = Slice(name="candidate", routers=[routes.router])
