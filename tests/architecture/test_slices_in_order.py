"""The order of a service's slices is declared once, in ``app.py``: what is served and what is checked follow it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from common.persistence.tables import PLUMBING
from hto.services import NAMES, service
from tests.support.slices_contract import slices_of

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def test_every_service_is_held_to_its_slices() -> None:
    assert {contract["service"] for contract in CONTRACTS if contract["type"] == "slices"} == set(NAMES)
    (layers,) = (contract for contract in CONTRACTS if contract["type"] == "slice_layers")
    assert set(layers["services"]) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_that_is_checked_is_the_one_that_is_served(name: str) -> None:
    assert slices_of(name) == [each.name for each in service(name).slices]


@pytest.mark.parametrize("name", NAMES)
def test_every_table_of_a_service_belongs_to_one_slice(name: str) -> None:
    found = service(name)
    of_projections = [each.tables for each in found.projections]
    owned = [table.name for tables in (*(each.tables for each in found.slices), *of_projections) for table in tables]
    assert len(owned) == len(set(owned))
    plumbing = {*PLUMBING, "processing_log"}
    assert set(owned) == set(found.tables.tables) - plumbing
