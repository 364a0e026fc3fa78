"""Weekly hours in clock time: how long they are, and whether they overlap."""

from __future__ import annotations

from rules.weekly import DAY, WEEK, minutes, overlapping

__all__ = ["DAY", "WEEK", "minutes", "overlapping"]
