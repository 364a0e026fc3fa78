"""What a request takes in memory is bounded by the page, not by the table: lists, figures, and an export."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hto.services import service
from registry.store.trainers import trainers
from tests.at_work import seed_policies
from tests.filled import filling, id_of
from tests.postgres import Postgres, create_database, drop_database
from tests.serving import Serving, serving
from tests.unit.registry import registry_examples

FEW: Final = 1_500
MANY: Final = 15_000
_TURNS: Final = 3
_TRAINER: Final = registry_examples.TRAINER
Filling = Mapping[str, Mapping[str, str]]
"""SQL by column, by table."""
ASKED: Final[Mapping[str, tuple[str, Filling]]] = {
    "notifications /messages?limit=500": ("messages:read", {"messages": {"status": "'sent'"}}),
    "notifications /deliveries?limit=500": (
        "webhooks:read",
        {
            "feed": {"event_id": id_of("event"), "body": "repeat('x', 2000)"},
            "deliveries": {"event_id": id_of("event"), "status": "'kept'"},
        },
    ),
    "operations /cases?limit=500": ("cases:read", {"cases": {}}),
    "operations /figures/programme": (
        "figures:read",
        {
            "trainers": {"approved_minutes": "600", "first_started_on": "CURRENT_DATE"},
            "hours": {"trainer_id": id_of("trainer")},
            "cases": {},
        },
    ),
    f"registry /trainers/{_TRAINER}/export": (
        "trainers:read",
        {"processing_log": {"data_subject_id": f"'{_TRAINER}'"}},
    ),
}


@asynccontextmanager
async def asked_of(server: Postgres, name: str) -> AsyncIterator[Serving]:
    address = await create_database(server)
    async with serving(service(name), address) as found:
        await seed_policies(found.database)
        yield found
    await drop_database(server, address)


async def _fill(connection: AsyncConnection, found: Serving, tables: Filling, first: int, last: int) -> None:
    for table, own in tables.items():
        rows = f"generate_series({first}, {last}) AS i"
        await connection.execute(text(filling(found.database.metadata.tables[table], own, rows=rows)))
    await connection.execute(text("ANALYZE"))


async def _peak(found: Serving, path: str, headers: Mapping[str, str]) -> int:
    """The least of several requests, in bytes: what else this process does meanwhile can only add to one of them."""
    peaks = []
    for _ in range(_TURNS):
        tracemalloc.start()
        try:
            answered = await found.get(path, headers)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert answered.status_code == 200, answered.text
    return min(peaks)


@pytest.mark.parametrize("asked", ASKED)
async def test_ten_times_as_many_rows_take_no_more_memory(asked: str, postgres_server: Postgres) -> None:
    name, _, path = asked.partition(" ")
    scope, tables = ASKED[asked]
    claims: dict[str, Any] = {"roles": ["programme"]}
    async with asked_of(postgres_server, name) as found:
        async with found.database.engine.begin() as connection:
            if name == "registry":
                await connection.execute(trainers.table.insert(), trainers.dump(registry_examples.trainer()))
                claims = {"roles": ["trainer"], "trainer": str(_TRAINER)}
            await _fill(connection, found, tables, 1, FEW)
        headers = found.headers("a-client", scope, **claims)
        await found.get(path, headers)  # what is made once, such as statements, is no part of it
        few = await _peak(found, path, headers)
        async with found.database.engine.begin() as connection:
            await _fill(connection, found, tables, FEW + 1, MANY)
        many = await _peak(found, path, headers)
    # So many rows more, held at once, take several megabytes.
    assert many < 1.3 * few + 500_000
