"""Every event there is: whoever listens to all of them, or documents them, imports this."""

from __future__ import annotations

from events import CATALOGUE, contracts, erasure, flow, matching, notifications, policies, publishers_of, registry

__all__ = ["CATALOGUE", "contracts", "erasure", "flow", "matching", "notifications", "policies", "registry"]

_OURS = (event for event in CATALOGUE.values() if event.__module__.startswith("events."))
if _undeclared := [event for event in _OURS if not publishers_of(event)]:
    raise TypeError(f"no module or package declares with published_by who publishes {_undeclared}")
