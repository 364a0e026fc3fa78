"""What the registry keeps: aggregates in tables, and the facts beside them."""

from __future__ import annotations

from registry.store import engagements, erasures, organisations, policies, reference, trainers, vacancies, words
from registry.store.tables import metadata

__all__ = [
    "engagements",
    "erasures",
    "metadata",
    "organisations",
    "policies",
    "reference",
    "trainers",
    "vacancies",
    "words",
]
