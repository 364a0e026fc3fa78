"""The tables of a projection a second time, in a schema of their own, until they take the place of the first ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Final

from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from common.persistence.database import Database
from common.persistence.tables import Plumbing
from common.service.projection import Projection
from common.service.rebuild.comparison import TableDifference, compare

_WRITERS_END_WITHIN: Final = 10_000
"""Milliseconds that a transaction is waited for that writes to the first table; a batch takes its time."""
_LOCK_WITHIN: Final = 300
"""The same of every other lock: less than PostgreSQL takes to look for a deadlock."""
_TRIES: Final = 100
_BETWEEN: Final = 0.1
"""Seconds between two tries."""
_BUSY: Final = ("55P03", "40P01")
"""PostgreSQL's codes where a lock is not to be had in time, or would be a deadlock."""


class TablesBusy(Exception):
    """Something writes to the old tables all the time, or a transaction on them does not end."""


class Shadow:
    """The second set, with a set of the plumbing's tables: what is handled there leaves no trace elsewhere."""

    def __init__(self, live: Database, projection: Projection) -> None:
        """Prepare; nothing is made yet."""
        self.schema: Final = f"rebuild_{projection.name.replace('.', '_')}"
        self._live, self._tables = live, tuple(projection.tables)
        self.database: Final = live.twin(pool_size=2, schema=self.schema)

    async def make(self) -> None:
        """Make the tables as the code declares them; what a run that broke off left behind goes."""
        metadata = MetaData()
        plumbing = (getattr(self._live.plumbing, field.name) for field in fields(Plumbing))
        for table in (*plumbing, *self._tables):
            table.to_metadata(metadata, schema=self.schema)
        async with self._live.engine.begin() as connection:
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE"))
            await connection.execute(text(f"CREATE SCHEMA {self.schema}"))
            await connection.run_sync(metadata.create_all)
            # The terms by which its rows are purged.
            await connection.execute(text(f"INSERT INTO {self.schema}.policies SELECT * FROM policies"))  # noqa: S608 - our own names

    async def drop(self) -> None:
        """Take everything away."""
        await self.database.close()
        async with self._live.engine.begin() as connection:
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE"))

    async def analyze(self) -> None:
        """Have the planner know the new tables before anybody reads them."""
        for table in self._tables:
            async with self.database.begin(actor="rebuild") as tx:
                await tx.execute(text(f"ANALYZE {table.name}"))

    async def effects(self) -> list[str]:
        """Return what the handlers wrote that is no read model: what they published, the deadlines that they set."""
        found = await self.database.execute(_EFFECTS)
        return [row.what for row in found]

    async def parked(self) -> str | None:
        """Return the first event that could not be handled, with the reason."""
        rows = await self.database.execute(_FIRST_PARKED)
        return None if not rows else "{}/{}/{} ({}): {}".format(*rows[0])

    async def has_handled(self, event_ids: Collection[str]) -> bool:
        """Whether one of these events was handled here."""
        return bool(event_ids) and bool(await self.database.execute(_HANDLED, {"ids": sorted(event_ids)}))

    @asynccontextmanager
    async def writers_wait(self, *, readers_too: bool = False) -> AsyncIterator[AsyncConnection]:
        """Have whoever writes to the old tables wait while the block runs; readers go on, unless they wait as well.

        What was begun has then committed, or has not written yet and writes afterwards, to the tables that are there
        then.

        Raises:
            TablesBusy: the tables are never free.
        """
        async with self._live.engine.begin() as connection:
            # Never the one first and the other later: a writer that has read would wait for us, and we for it.
            await self._lock(connection, "ACCESS EXCLUSIVE" if readers_too else "SHARE ROW EXCLUSIVE")
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """See both sets as they are now, however they change while the block runs."""
        async with self._live.engine.connect() as connection:
            seeing = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            await seeing.execute(text("SELECT 1 FROM policies LIMIT 1"))
            yield seeing
            await seeing.rollback()

    async def compare(self, snapshot: AsyncConnection) -> list[TableDifference]:
        """Compare both sets, table by table."""
        old = await _schema(snapshot)
        return [await compare(snapshot, table, old, self.schema) for table in self._tables]

    async def take_over(self, connection: AsyncConnection) -> None:
        """Put the new tables in the place of the old ones, at the commit of the transaction that holds these."""
        old = await _schema(connection)
        names = ", ".join(f"{old}.{table.name}" for table in self._tables)
        await connection.execute(text(f"DROP TABLE IF EXISTS {names}"))
        for table in self._tables:
            await connection.execute(text(f"ALTER TABLE {self.schema}.{table.name} SET SCHEMA {old}"))

    async def _lock(self, connection: AsyncConnection, mode: str) -> None:
        """Lock the tables in their order, in which handlers write them: nobody holds a later one then."""
        there = await self._there(connection)
        for _ in range(_TRIES if there else 0):
            try:
                async with connection.begin_nested():
                    for number, table in enumerate(there):
                        within = _LOCK_WITHIN if number else _WRITERS_END_WITHIN
                        await connection.execute(text(f"SET LOCAL lock_timeout = {within}"))
                        await connection.execute(text(f"LOCK TABLE {table} IN {mode} MODE"))
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _BUSY:
                    raise
                # Let go meanwhile: nobody waits for us longer than that.
                await asyncio.sleep(_BETWEEN)
            else:
                await connection.execute(text("SET LOCAL lock_timeout = 0"))
                return
        if there:
            raise TablesBusy

    async def _there(self, connection: AsyncConnection) -> Sequence[str]:
        names = [table.name for table in self._tables]
        found = await connection.execute(_THERE, {"names": names})
        return list(found.scalars())


async def _schema(connection: AsyncConnection) -> str:
    return str((await connection.execute(text("SELECT quote_ident(current_schema())"))).scalar_one())


_THERE: Final = text("SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE to_regclass(name) IS NOT NULL")
_EFFECTS: Final = text("""
    SELECT DISTINCT what FROM (
        SELECT 'publishes ' || type AS what FROM outbox UNION ALL SELECT 'sets the deadline ' || what FROM deadlines
    ) AS effects ORDER BY what
""")
_FIRST_PARKED: Final = text("""
    SELECT e.topic, e.partition, e."offset", coalesce(e.headers ->> 'ce_type', 'of no known type'), k.reason
    FROM parked_keys k JOIN parked_events e USING (consumer, topic, key) ORDER BY e.position LIMIT 1
""")
_HANDLED: Final = text("SELECT 1 FROM inbox WHERE event_id::text = ANY(CAST(:ids AS text[])) LIMIT 1")
