"""Every event there is: whoever listens to all of them, or documents them, imports this."""

from __future__ import annotations

from events import CATALOGUE, contracts, erasure, flow, matching, notifications, policies, registry

__all__ = ["CATALOGUE", "contracts", "erasure", "flow", "matching", "notifications", "policies", "registry"]
