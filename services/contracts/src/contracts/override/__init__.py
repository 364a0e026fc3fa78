"""A pilot in which a cap may be exceeded for a while."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.override import routes, store, tables

slice_: Final = Slice(
    name="override",
    tables=[tables.overrides],
    routers=[routes.router],
    scrub=store.scrub,
)
