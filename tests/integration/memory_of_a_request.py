"""A process that asks one thing of a service with few rows and with many; run by ``test_memory_of_requests``."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from common.runtime import event_loop
from hto.services import service
from registry.trainer.store import trainers
from tests.support.at_work import seed_policies
from tests.support.filled import filling, id_of
from tests.support.serving import Serving, serving
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


async def main(asked: str, address: str) -> None:
    """Print the least that it took with few rows and with many, in bytes."""
    name, _, path = asked.partition(" ")
    scope, tables = ASKED[asked]
    claims: dict[str, Any] = {"roles": ["programme"]}
    async with serving(service(name), address) as found:
        await seed_policies(found.database)
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
    sys.stdout.write(f"took {few} {many}\n")


if __name__ == "__main__":
    event_loop.run(main(*sys.argv[1:]))
