"""Projections of a running system, rebuilt as `hto rebuild` does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, text

from common.persistence.transaction import Tx
from common.service import Projection
from common.service.runtime import ServiceRuntime
from hto.rebuild import Comparison, Rebuild
from hto.services import NAMES, all_services
from tests.e2e.system import System

NAMES_OF_PROJECTIONS = [projection.name for service in all_services() for projection in service.projections]


def of(system: System, name: str) -> tuple[ServiceRuntime, Projection]:
    """The projection and the service that it belongs to, at work."""
    running = system.running.services[name.partition(".")[0]]
    return running, next(each for each in running.service.projections if each.name == name)


async def rebuild(system: System, name: str, decide: Callable[[Comparison], bool]) -> Comparison:
    running, projection = of(system, name)
    database = running.database.twin(pool_size=6)
    try:
        return await Rebuild(projection, database, running.log, NAMES).run(decide)
    finally:
        await database.close()


async def rows(system: System, name: str) -> dict[str, list[Any]]:
    """Every row of its tables, in order; in the place of a number that was handed out what the row is about."""
    running, projection = of(system, name)
    found: dict[str, list[Any]] = {}
    async with running.database.begin(actor="test") as tx:
        about = await _about(tx, projection)
        for table in projection.tables:
            query = select(*table.columns).order_by(*table.primary_key)
            numbered = [place for place, column in enumerate(table.columns) if column.name in about]
            rows_ = [list(row) for row in await tx.execute(query)]
            for place in numbered:
                for row in rows_:
                    row[place] = about[table.columns[place].name][row[place]]
            found[table.name] = sorted(rows_, key=str) if numbered else rows_
    return found


async def _about(tx: Tx, projection: Projection) -> dict[str, dict[int, Any]]:
    if projection.handed_out is None:
        return {}
    number, of_ = projection.handed_out.number, projection.handed_out.of
    return {number.name: dict(tuple(row) for row in await tx.execute(select(number, of_)))}


async def until_quiet(system: System, name: str) -> None:
    """Until the projection has handled all that there is."""
    running, projection = of(system, name)
    topics = projection.handlers.topics(NAMES)
    async with asyncio.timeout(60):
        while True:
            offsets = await running.log.offsets(f"hto.{name}", topics)
            if all((one.committed or 0) >= one.end for one in offsets.values()):
                return
            await asyncio.sleep(0.1)


async def drop(system: System, name: str) -> None:
    """Drop its tables."""
    running, projection = of(system, name)
    async with running.database.begin(actor="test") as tx:
        for table in reversed(list(projection.tables)):
            await tx.execute(text(f"DROP TABLE {table.name} CASCADE"))


async def indexes(system: System, name: str) -> list[Any]:
    """Its indexes and constraints, as PostgreSQL has them."""
    running, projection = of(system, name)
    names = {"names": [table.name for table in projection.tables]}
    async with running.database.begin(actor="test") as tx:
        found = await tx.execute(_INDEXES, names)
        return [tuple(row) for row in found]


_INDEXES = text("""
    SELECT tablename, indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename = ANY(CAST(:names AS text[])) ORDER BY 1, 2
""")
