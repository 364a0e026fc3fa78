"""The registry, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from registry import (
    bottleneck_report,
    built_in,
    eligibility,
    engagement,
    file_import,
    given_word,
    organisation,
    organisation_change,
    policy,
    rate_limit,
    reference,
    trainer,
    vacancy,
)
from registry.tables import metadata

SLICES: Final = (
    reference,
    policy,
    rate_limit,
    organisation,
    engagement,
    vacancy,
    organisation_change,
    given_word,
    bottleneck_report,
    trainer,
    eligibility,
    file_import,
    built_in,
)
"""In their order: each imports those before it."""

service: Final = Service(
    name="registry",
    title="Registry",
    description=(
        "Who and what exists, and under which rules: organisations, trainers, qualifications, vacancies, reference "
        "data and policies. Personal data live here and travel on no event topic."
    ),
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    slices=[each.slice_ for each in SLICES],
    owns_policies=True,
)
