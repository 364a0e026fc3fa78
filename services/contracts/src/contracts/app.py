"""The contracts service, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from contracts import assignment, calculation, contract, ending, fact, hour_line, legal_check, override, standing
from contracts.tables import metadata

SLICES: Final = (fact, override, contract, standing, assignment, hour_line, ending, legal_check, calculation)
"""In their order: each imports those before it."""

service: Final = Service(
    name="contracts",
    title="Contracts",
    description=(
        "What was agreed, signed, taught and approved: contracts in four forms, judged by VAT law, eligibility, "
        "working time and the other rules before anybody signs; assignments; hours."
    ),
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    slices=[each.slice_ for each in SLICES],
)
