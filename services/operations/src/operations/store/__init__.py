"""What operations keeps: cases with what is owed in them, the facts that figures count, and what is parked."""

from __future__ import annotations

from operations.store import cases, counted, parking, sign_outs
from operations.store.tables import metadata

__all__ = ["cases", "counted", "metadata", "parking", "sign_outs"]
