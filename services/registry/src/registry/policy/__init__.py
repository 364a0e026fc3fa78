"""Rules as data: proposed by one person, approved by another, then published."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from events.policies import PolicyPublished
from registry.policy import routes, tables

slice_: Final = Slice(
    name="policy",
    tables=[tables.policy_changes, tables.policy_readings],
    routers=[routes.router],
    states=[PolicyPublished],
)
