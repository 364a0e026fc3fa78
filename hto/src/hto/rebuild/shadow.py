"""The tables of a projection a second time, in a schema of their own, until they take the place of the first ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from common.persistence.database import Database
from common.persistence.tables import PLUMBING
from common.persistence.terms import Forget
from common.service.projection import HandedOut, Projection
from hto.rebuild.comparison import TableDifference, compare

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
        self._noted: int | None = None
        """The highest number of the old table that is known here; None where there is no such table."""
        self.schema: Final = f"rebuild_{projection.name.replace('.', '_')}"
        self._live, self._tables, self._handed_out = live, tuple(projection.tables), projection.handed_out
        self.database: Final = live.twin(pool_size=2, schema=self.schema)

    async def make(self) -> None:
        """Make the tables as the code declares them; what a run that broke off left behind goes."""
        metadata = MetaData()
        plumbing = (self._live.metadata.tables[name] for name in PLUMBING)
        for table in (*plumbing, *self._tables):
            table.to_metadata(metadata, schema=self.schema)
        async with self._live.engine.begin() as connection:
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE"))
            await connection.execute(text(f"CREATE SCHEMA {self.schema}"))
            await connection.run_sync(metadata.create_all)
            # The terms by which its rows are purged.
            await connection.execute(text(f"INSERT INTO {self.schema}.policies SELECT * FROM policies"))  # noqa: S608 - our own names
            if self._handed_out is not None:
                await self._keep_numbers(connection, self._handed_out)

    async def drop(self) -> None:
        """Take everything away."""
        await self.database.close()
        async with self._live.engine.begin() as connection:
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE"))

    async def purge(self, purge: Forget) -> None:
        """Purge the new tables, by what other tables of the service still need of them."""
        rows = 1
        while rows:
            async with self.database.begin(actor="rebuild") as tx:
                await tx.execute(text(f"SET LOCAL search_path TO {self.schema}, {await self._live_schema()}"))
                rows = await purge(tx)

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
        if self._handed_out is not None:
            await self._go_on_behind(connection, self._handed_out, old)
        names = ", ".join(f"{old}.{table.name}" for table in self._tables)
        await connection.execute(text(f"DROP TABLE IF EXISTS {names}"))
        for table in self._tables:
            await connection.execute(text(f"ALTER TABLE {self.schema}.{table.name} SET SCHEMA {old}"))

    async def _keep_numbers(self, connection: AsyncConnection, handed_out: HandedOut) -> None:
        """Have each new row numbered as the old one about the same; any other one above all numbers that there were.

        Which these are nobody knows where the old table is gone. There were fewer than microseconds.
        """
        names = self._names(handed_out, await _schema(connection))
        for statement in _NUMBER_AS_BEFORE:
            await connection.execute(text(statement.format(**names)))
        if (await connection.execute(_THERE, {"names": [names["old"]]})).scalar_one_or_none() is not None:
            self._noted = (await connection.execute(text(_NOTE_ALL.format(**names)))).scalar_one()

    async def note_numbers(self, connection: AsyncConnection) -> None:
        """Note what the old table has numbered since, as this connection sees it: it may hold the table's lock."""
        if self._handed_out is None or self._noted is None:
            return
        names = self._names(self._handed_out, await _schema(connection))
        rows = (await connection.execute(text(_SINCE.format(**names)), {"noted": self._noted})).all()
        if rows:
            async with self.database.begin(actor="rebuild") as tx:
                await tx.execute(text(_NOTE), [{"about": row.about, "number": row.number} for row in rows])
            self._noted = max(row.number for row in rows)

    async def _go_on_behind(self, connection: AsyncConnection, handed_out: HandedOut, old: str) -> None:
        """Have the next row numbered behind all that the old table handed out and the new one has."""
        names = self._names(handed_out, old)
        before = (await connection.execute(text(_SEQUENCE.format(**names)))).scalar_one_or_none()
        if before is not None:
            await connection.execute(text(_GO_ON_BEHIND.format(**names, before=before)))
        await connection.execute(text(_NUMBER_BY_ITSELF.format(**names)))

    def _names(self, handed_out: HandedOut, old: str) -> dict[str, str]:
        table = handed_out.number.table.name
        columns = {"number": handed_out.number.name, "about": handed_out.of.name}
        return {"schema": self.schema, "new": f"{self.schema}.{table}", "old": f"{old}.{table}", **columns}

    async def _live_schema(self) -> str:
        async with self._live.engine.connect() as connection:
            return await _schema(connection)

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
_SEQUENCE: Final = """
    SELECT pg_get_serial_sequence(oid::regclass::text, '{number}') FROM pg_class WHERE oid = to_regclass('{old}')
"""
_NUMBER_AS_BEFORE: Final = (
    """
    SELECT setval(
        pg_get_serial_sequence('{new}', '{number}'), CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)
    )
    """,
    "CREATE TABLE {schema}.numbers (about uuid PRIMARY KEY, number bigint NOT NULL)",
    """
    CREATE FUNCTION {schema}.number_as_before() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.{number} := coalesce((SELECT n.number FROM {schema}.numbers n WHERE n.about = NEW.{about}), NEW.{number});
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER number_as_before BEFORE INSERT ON {new}
    FOR EACH ROW EXECUTE FUNCTION {schema}.number_as_before()
    """,
)
_NOTE_ALL: Final = """
    WITH noted AS (INSERT INTO {schema}.numbers SELECT {about}, {number} FROM {old} RETURNING number)
    SELECT coalesce(max(number), 0) FROM noted
"""
_SINCE: Final = "SELECT {about} AS about, {number} AS number FROM {old} WHERE {number} > :noted"
_NOTE: Final = "INSERT INTO numbers (about, number) VALUES (:about, :number)"
_NUMBER_BY_ITSELF: Final = "DROP TRIGGER number_as_before ON {new}"
_GO_ON_BEHIND: Final = """
    SELECT setval(
        pg_get_serial_sequence('{new}', '{number}'),
        greatest((SELECT last_value FROM {before}), (SELECT max({number}) FROM {new}))
    )
"""
