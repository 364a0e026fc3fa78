"""The order of a service's slices is said once: ``app.py`` and the import contract agree."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from common.persistence.tables import Plumbing
from hto.services import service

ROOT = Path(__file__).parents[2]
SLICED = ["registry", "contracts", "matching", "notifications", "operations"]
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def test_each_sliced_service_is_known_here() -> None:
    assert [f"slices-{name}" for name in SLICED] == [id_ for id_ in CONTRACTS if id_.startswith("slices-")]


@pytest.mark.parametrize("name", SLICED)
def test_app_and_the_import_contract_name_the_same_slices_in_the_same_order(name: str) -> None:
    layers = [layer for layer in CONTRACTS[f"slices-{name}"]["layers"] if layer != "app" and not layer.startswith("(")]
    assert [each.name for each in service(name).slices] == layers[::-1]


@pytest.mark.parametrize("name", SLICED)
def test_every_table_of_a_sliced_service_belongs_to_one_slice(name: str) -> None:
    found = service(name)
    of_projections = [each.tables for each in found.projections]
    owned = [table.name for tables in (*(each.tables for each in found.slices), *of_projections) for table in tables]
    assert len(owned) == len(set(owned))
    plumbing = {field.name for field in fields(Plumbing)} | {"processing_log"}
    assert set(owned) == set(found.tables.tables) - plumbing
