"""How people of each class fare in matching: counts of nobody in particular, and figures that may be shown."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.fairness import routes, tables, usecases

slice_: Final = Slice(
    name="fairness", tables=[tables.fairness_counts], routers=[routes.router], purges=[usecases.PURGE]
)
