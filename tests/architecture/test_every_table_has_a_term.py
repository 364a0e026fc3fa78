"""No table grows for ever without anybody having decided so: the inventory names a term or a reason for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.messaging.consumer.floor import purge_of
from common.messaging.log import Partition
from common.persistence.terms import AUDIT, PROCESSING_LOG, Purge
from common.service import Service
from hto.services import all_services
from registry.policy.usecases import built_in_policies

INVENTORY = Path(__file__).parents[2] / "docs" / "data-inventory.md"
SECTION = "## How long every table keeps its rows"
ROW = re.compile(
    r"^\| `(?P<service>[a-z]+|\*)\.(?P<table>[a-z_]+)` \| (?P<kind>[^|]+) \| (?P<why>[^|]+) \|$", re.MULTILINE
)
WITH = re.compile(r"with `([a-z_]+)`")
POLICIES = {row.code for row in built_in_policies() if row.code.startswith("retention.")}


def declared() -> dict[str, tuple[str, str]]:
    """Kind and words of each ``service.table`` of the inventory."""
    section = INVENTORY.read_text("utf-8").partition(SECTION)[2].partition("\n## ")[0]
    return {f"{row['service']}.{row['table']}": (row["kind"], row["why"]) for row in ROW.finditer(section)}


def terms_of(service: Service, terms: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str] | None]:
    """What the inventory says of each table that a service has."""
    return {
        table: terms.get(f"{service.name}.{table}", terms.get(f"*.{table}")) for table in sorted(service.tables.tables)
    }


async def _no_places() -> list[Partition]:
    return []


def purges_of(service: Service) -> Iterator[Purge]:
    """What the service's worker purges every hour."""
    yield AUDIT
    yield PROCESSING_LOG
    yield purge_of(service.name, _no_places)
    for loop in service.loops:
        yield from (forget for forget in getattr(loop, "forgets", ()) if isinstance(forget, Purge))


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_every_table_has_a_term_or_a_reason_why_it_is_bounded(service: Service) -> None:
    missing = [table for table, term in terms_of(service, declared()).items() if term is None]
    assert not missing, f"say in {INVENTORY.name} under '{SECTION[3:]}' how long their rows stay: {missing}"


def test_a_new_table_without_a_term_is_found() -> None:
    service = all_services()[0]
    terms = declared()
    terms.pop(f"{service.name}.organisations")
    assert terms_of(service, terms)["organisations"] is None


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_each_table_with_a_term_by_policy_is_purged_every_hour(service: Service) -> None:
    purged = {purge.table: purge.policy for purge in purges_of(service)}
    assert set(purged.values()) <= POLICIES, "a purge asks for a policy that is published"
    for table, (kind, why) in ((table, term) for table, term in terms_of(service, declared()).items() if term):
        if kind in {"bounded", "record"}:
            assert len(why) > 5, table
            continue
        policy = kind.strip("`")
        by = WITH.search(why)
        assert purged.get(by[1] if by else table) == policy, f"{table}: nothing purges it by {policy}"


def test_the_inventory_names_no_table_that_is_not_there() -> None:
    there = {f"{service.name}.{table}" for service in all_services() for table in service.tables.tables}
    there |= {f"*.{table}" for service in all_services() for table in service.tables.tables}
    assert set(declared()) <= there
