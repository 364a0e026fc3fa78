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
"""A report goes to the ministry that owns the rule (policy ``programme.bottlenecks``), which answers before a day.

It is counted for ever by item of the policy conversation and region; its words go after policy
``retention.bottleneck``, and with the trainer who wrote them.
"""
