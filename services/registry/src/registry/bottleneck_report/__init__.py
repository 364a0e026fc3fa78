"""A bottleneck report: what stands in the way, which rule it is evidence about, and what the ministry answers."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.bottleneck_report import model, routes, store

slice_: Final = Slice(
    name="bottleneck_report",
    life_cycles={"bottleneck_report": model.LIFE_CYCLE},
    tables=[store.bottleneck_reports],
    routers=[routes.router],
    purges=[store.PURGE],
    scrub=store.scrub,
)
