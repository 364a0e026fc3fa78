"""An erased trainer is scrubbed from every slice that has a copy: the inventory says by what, the slice declares it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, Text, Uuid

from common.service import Service
from hto.services import NAMES, all_services, service
from registry.given_word import store

INVENTORY = Path(__file__).parents[2] / "docs" / "data-inventory.md"
TABLE = re.compile(rf"\b({'|'.join(NAMES)})\.([a-z_]+)")
FUNCTION = re.compile(r"`([a-z_]+(?:\.[a-z_]+)+)`")


@dataclass(frozen=True)
class Copy:
    """A row of the inventory: where there is something of whom, and what takes it away."""

    tables: frozenset[tuple[str, str]]
    whose: frozenset[str]
    erased_by: str

    def functions(self) -> Iterator[Any]:
        """Yield the functions that take it away.

        Raises:
            AttributeError: one of them is not there.
            ImportError: its module is not there.
        """
        for name in FUNCTION.findall(self.erased_by):
            module, _, function = name.rpartition(".")
            for owner in {owner for owner, _ in self.tables}:
                yield getattr(import_module(f"{owner}.{module}"), function)


def copies() -> list[Copy]:
    """Every row about the services' own tables."""
    text = INVENTORY.read_text("utf-8").partition("\n## Topics")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [
        Copy(frozenset(TABLE.findall(row[0])), frozenset(row[2].split(", ")), row[-1])
        for row in rows
        if TABLE.search(row[0])
    ]


def unnamed(found: Service, inventory: Sequence[Copy]) -> list[str]:
    """The tables with rows about a trainer that the inventory does not have."""
    named = {table for each in inventory for table in each.tables}
    about = (table.name for table in found.tables.tables.values() if "trainer_id" in table.c)
    return sorted(name for name in about if (found.name, name) not in named)


def undeclared(found: Service, inventory: Sequence[Copy]) -> list[str]:
    """What scrubs a trainer by the inventory, and is declared by no slice: an erasure would not call it."""
    declared = [each.scrub for each in found.slices]
    theirs = (each for each in inventory if found.name in {owner for owner, _ in each.tables} and "T" in each.whose)
    named = (function for each in theirs for function in each.functions() if function.__name__ == "scrub")
    return sorted({function.__module__ for function in named if function not in declared})


@pytest.mark.parametrize("name", NAMES)
def test_every_table_about_trainers_is_in_the_inventory_and_what_scrubs_it_is_declared(name: str) -> None:
    assert unnamed(service(name), copies()) == []
    assert undeclared(service(name), copies()) == []


def test_every_slice_that_scrubs_is_in_the_inventory() -> None:
    named = {function for each in copies() for function in each.functions()}
    assert [
        each.name for found in all_services() for each in found.slices if each.scrub and each.scrub not in named
    ] == []


def test_a_slice_that_does_not_declare_what_scrubs_it_is_found() -> None:
    found = service("registry")
    slices = [replace(each, scrub=None) if each.name == "given_word" else each for each in found.slices]
    forgetful = Service(
        name="registry", title="", description="", tables=MetaData(), migrations=found.migrations, slices=slices
    )
    assert undeclared(forgetful, copies()) == [store.__name__]


def test_a_new_table_about_trainers_that_the_inventory_does_not_have_is_found() -> None:
    tables = MetaData()
    Table("diaries", tables, Column("id", Uuid, primary_key=True), Column("trainer_id", Uuid), Column("words", Text))
    found = Service(name="registry", title="", description="", tables=tables, migrations=Path(), slices=[])
    assert unnamed(found, copies()) == ["diaries"]
