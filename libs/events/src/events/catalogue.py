"""Every event there is: whoever listens to all of them, or documents them, imports this."""

from __future__ import annotations

from events import (
    CATALOGUE,
    Event,
    contracts,
    erasure,
    flow,
    matching,
    name_of,
    notifications,
    policies,
    publishers_of,
    registry,
)

__all__ = ["CATALOGUE", "contracts", "erasure", "flow", "matching", "newest", "notifications", "policies", "registry"]

_OURS = (event for event in CATALOGUE.values() if event.__module__.startswith("events."))
if _undeclared := [event for event in _OURS if not publishers_of(event)]:
    raise TypeError(f"no module or package declares with published_by who publishes {_undeclared}")


def newest() -> dict[str, type[Event]]:
    """Return the events by name, each in its newest version; those that a test declares are left out."""
    ours = [kind for kind in CATALOGUE.values() if kind.__module__.startswith("events.")]
    return {name_of(kind.type): kind for kind in sorted(ours, key=lambda kind: int(kind.type.rpartition(".v")[2]))}
