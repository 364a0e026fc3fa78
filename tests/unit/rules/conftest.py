"""The reference policies as the registry ships them: the tests judge by the same rows as the services."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from common.policy import Policies
from rules.rows import rows_from_json

FILES = Path(__file__).parents[3] / "services/registry/src/registry/policy/policies"
SUBJECTS = (
    "vat",
    "working_time",
    "qualification",
    "vog",
    "chain_rule",
    "self_employment",
    "rate_band",
    "fee_band",
    "lending",
    "forms",
    "contract_items",
    "endings",
    "hours",
)


@pytest.fixture(scope="session")
def policy_files() -> tuple[Path, ...]:
    return tuple(FILES / f"{subject}.json" for subject in SUBJECTS)


@pytest.fixture(scope="session")
def policies(policy_files: tuple[Path, ...]) -> Policies:
    return Policies.of(row for file in policy_files for row in rows_from_json(json.loads(file.read_text()), version=7))
