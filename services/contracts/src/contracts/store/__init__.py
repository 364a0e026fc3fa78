"""What is kept: aggregates, what is only added to them, and copies of what others told."""

from __future__ import annotations

from contracts.store import aggregates, copies, records
from contracts.store.aggregates import assignments, contracts, hour_lines
from contracts.store.tables import metadata

__all__ = ["aggregates", "assignments", "contracts", "copies", "hour_lines", "metadata", "records"]
