"""The matching service, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from matching import (
    appeal,
    candidate,
    edition,
    fairness,
    information,
    opening,
    plan,
    profile,
    proposal,
    ranking,
    scenario,
    site,
    vacancy,
)
from matching.tables import metadata

SLICES: Final = (
    site,
    profile,
    vacancy,
    ranking,
    edition,
    fairness,
    proposal,
    appeal,
    information,
    candidate,
    opening,
    plan,
    scenario,
)
"""In their order: each imports those before it."""

service: Final = Service(
    name="matching",
    title="Matching",
    description="Who fits where and why, who was asked, and who agreed: blind until everybody did.",
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    slices=[each.slice_ for each in SLICES],
)
