"""How often somebody may do what sends letters to addresses that may not be theirs."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.rate_limit import tables, usecases

slice_: Final = Slice(
    name="rate_limit",
    tables=[tables.counted],
    purges=[usecases.purge_counted],
)
