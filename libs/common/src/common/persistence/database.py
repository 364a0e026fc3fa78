"""One service's database: its pool, its clock, its policies, and how a transaction begins."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ClassVar, Final

import asyncpg
from sqlalchemy import Executable, MetaData, Row, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from common.clock import Clock
from common.decision import MissingDependency
from common.envelope import Envelope
from common.persistence.tables import add_plumbing
from common.persistence.transaction import Tx
from common.policy import Policies, PolicyRow
from common.runtime.failures import AWAY
from common.runtime.loops import Turns
from common.runtime.telemetry import POOL_WAIT
from events import events_topic


def engine_of(url: str, *, settings: Mapping[str, str] | None = None, **options: Any) -> AsyncEngine:
    """Make an engine for a plain ``postgresql://`` address, read as whoever else connects reads it: by the driver.

    SQLAlchemy's own reading knows no socket in the place of the host.
    """
    connect = partial(asyncpg.connect, url, server_settings=dict(settings or {}))
    return create_async_engine("postgresql+asyncpg://", async_creator=connect, **options)


class Database:
    """One service's database: its pool, its clock and its policies."""

    POLICIES_ARE_FRESH: ClassVar[float] = 1.0
    """Seconds for which the rows read last are used without asking whether there are newer ones."""
    ANSWERS_WITHIN: ClassVar[float] = 5.0

    def __init__(
        self,
        url: str,
        *,
        service: str,
        metadata: MetaData,
        oin: str,
        clock: Clock | None = None,
        pool_size: int = 10,
        follows_clock: bool = False,
        schema: str | None = None,
    ) -> None:
        """Take a plain ``postgresql://`` address; nothing is opened yet.

        ``schema``: the only one in which tables are looked for, in place of the usual ones.
        """
        self.url, self.service, self._oin = url, service, oin
        self.topic: Final = events_topic(service)
        self._sources: Final = f"urn:nld:oin:{oin}:systeem:hto-"
        self.source: Final = self.source_of(service)
        self.clock = clock or Clock()
        self.follows_clock = follows_clock
        """Whether business time may be moved here."""
        self.metadata = metadata if "outbox" in metadata.tables else add_plumbing(metadata)
        self.engine: AsyncEngine = engine_of(
            url,
            settings={"application_name": f"hto-{service}", "jit": "off"} | ({"search_path": schema} if schema else {}),
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=False,
            hide_parameters=True,  # they hold personal data, and an error's message ends up in logs
            isolation_level="READ COMMITTED",
        )
        self.turns = Turns(service)
        """How the loops on this database go on."""
        self._waited: Final = POOL_WAIT.labels(service)
        self.committed = asyncio.Event()
        """Set after each commit that left something in the outbox; whoever relays clears it."""
        self._on_commit: list[Callable[[], None]] = []
        self.on_wakeup: list[Callable[[str], None]] = []
        """Called with each queue that a commit put something on."""
        self._wakeups: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._policies = Policies()
        self._policies_read_at = float("-inf")

    @asynccontextmanager
    async def begin(self, *, actor: str, cause: Envelope | None = None) -> AsyncIterator[Tx]:
        """Open a transaction that commits when the block ends and rolls back when it raises."""
        asked_at = time.perf_counter()
        async with self.engine.connect() as connection:
            self._waited.observe(time.perf_counter() - asked_at)
            tx = Tx(self, connection, self.clock.now(), actor, cause)
            try:
                yield tx
                await tx.flush()
                await connection.commit()
            except BaseException:
                # Policies may have been read that were never committed.
                self.policies_changed()
                await _roll_back(connection)
                raise
        if tx.has_published:
            self.wake_relay()
        for queue in tx.woken:
            self.wakeup(queue).set()
            for call in self.on_wakeup:
                call(queue)

    def twin(self, *, pool_size: int, schema: str | None = None) -> Database:
        """Return the same database with connections of its own: for another event loop, or another schema."""
        made = Database(
            self.url,
            service=self.service,
            metadata=self.metadata,
            oin=self._oin,
            clock=self.clock,
            pool_size=pool_size,
            follows_clock=self.follows_clock,
            schema=schema,
        )
        made.turns = self.turns
        return made

    def source_of(self, service: str) -> str:
        """Return how a service of this programme names itself in its events."""
        return f"{self._sources}{service}"

    def service_of(self, source: str) -> str | None:
        """Return the service of this programme that an event's ``source`` names; None for a stranger."""
        return source.removeprefix(self._sources) if source.startswith(self._sources) else None

    async def execute(self, statement: Executable, parameters: Any = None) -> Sequence[Row[Any]]:
        """Run one statement that is a transaction of its own: a third of the round trips, for what is asked often."""
        asked_at = time.perf_counter()
        async with self.engine.connect() as connection:
            self._waited.observe(time.perf_counter() - asked_at)
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            return (await alone.execute(statement, parameters)).all()

    def wakeup(self, queue: str) -> asyncio.Event:
        """Return what is set after each commit that put something on a queue; whoever works on the queue clears it."""
        return self._wakeups[queue]

    def wake_relay(self) -> None:
        """Tell the relay, in this process or another, that the outbox has something."""
        self.committed.set()
        for call in self._on_commit:
            call()

    def on_commit(self, call: Callable[[], None]) -> None:
        """Have ``call`` run after each commit that published."""
        self._on_commit.append(call)

    async def policies(self, tx: Tx) -> Policies:
        """Return the policy rows, read again when there are newer ones."""
        clock = asyncio.get_running_loop().time()
        if clock - self._policies_read_at > self.POLICIES_ARE_FRESH:
            await self._read_policies(tx)
            self._policies_read_at = clock
        return self._policies

    def policies_changed(self) -> None:
        """Have the next reader look again."""
        self._policies_read_at = float("-inf")

    async def check_policies(self, tx: Tx) -> None:
        """Return if the initial set has arrived whole.

        Raises:
            MissingDependency: it has not, so nothing may be decided yet.
        """
        table = self.metadata.tables["policies"]
        newest = select(table.c.version, table.c.rows_in_set).order_by(table.c.version.desc()).limit(1)
        owed = (await tx.execute(newest)).one_or_none()
        have = (await tx.execute(select(func.count()).select_from(table))).scalar_one()
        if owed is None or have < owed.rows_in_set:
            raise MissingDependency("policies/initial-set")

    async def _read_policies(self, tx: Tx) -> None:
        table = self.metadata.tables["policies"]
        count = select(func.count(), func.max(table.c.version)).select_from(table)
        if tuple((await tx.execute(count)).one()) == (
            sum(map(len, self._policies.rows.values())),
            self._policies.version,
        ):
            return
        rows = await tx.execute(select(table))
        self._policies = Policies.of(
            PolicyRow(
                code=row.code,
                version=row.version,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                value=row.value,
                source=row.source,
                verified=row.verified,
            )
            for row in rows
        )

    async def answers(self) -> bool:
        """Whether the database answers now, within ``ANSWERS_WITHIN`` seconds."""
        try:
            async with asyncio.timeout(self.ANSWERS_WITHIN):
                await self.execute(text("SELECT 1"))
        except AWAY:
            return False
        return True

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()


async def _roll_back(connection: AsyncConnection) -> None:
    """Roll back, also when the connection is what broke: the pool then throws it away."""
    try:
        await connection.rollback()
    except DBAPIError:
        await connection.invalidate()
