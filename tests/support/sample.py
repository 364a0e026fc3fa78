"""Two small services with real plumbing: `registry` tells, `matching` writes down what it heard, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, Text, Uuid, text

from common.messaging.consumer import Handlers
from common.messaging.log import EventLog
from common.persistence.database import Database
from common.persistence.deadlines import Deadlines
from common.persistence.tables import add_plumbing
from common.persistence.transaction import Tx, uuid7
from common.runtime.settings import Settings
from common.service import Loop, Service, Slice
from common.service.runtime import ServiceRuntime
from events.registry import ConsentGiven, ProfileState, TrainerLeft, TrainerPaused

NOWHERE = Path("/nonexistent")


def tables() -> MetaData:
    """A service's tables: the plumbing's, and what it heard."""
    metadata = MetaData()
    add_plumbing(metadata)
    Table(
        "heard",
        metadata,
        Column("position", BigInteger, Identity(), primary_key=True),
        Column("trainer_id", Uuid, nullable=False),
        Column("what", Text, nullable=False),
    )
    return metadata


Reaction = Callable[[UUID, str, Tx], Awaitable[None]]


_WRITE_DOWN = text("INSERT INTO heard (trainer_id, what) VALUES (:id, :what)")


async def write_down(trainer_id: UUID, what: str, tx: Tx) -> None:
    """The effect of one event: one row."""
    await tx.execute(_WRITE_DOWN, {"id": trainer_id, "what": what})


@dataclass
class Listener:
    """What the listening service does with an event; a test may put something else in its place."""

    react: Reaction = field(default=write_down)

    def handlers(self) -> Handlers:
        """React to three kinds of event and to one tombstone."""
        handlers = Handlers()

        @handlers.on(TrainerPaused)
        async def paused(event: TrainerPaused, tx: Tx) -> None:
            await self.react(event.trainer_id, "paused", tx)

        @handlers.on(TrainerLeft)
        async def left(event: TrainerLeft, tx: Tx) -> None:
            await self.react(event.trainer_id, f"left {event.reason}", tx)

        @handlers.on(ConsentGiven)
        async def consented(event: ConsentGiven, tx: Tx) -> None:
            await self.react(event.trainer_id, f"consent {event.until}", tx)

        @handlers.on_tombstone(ProfileState)
        async def gone(key: str, tx: Tx) -> None:
            await self.react(UUID(key), "gone", tx)

        return handlers


def teller() -> Service:
    """The service that tells."""
    return Service(
        name="registry",
        title="registry",
        description="tells",
        tables=tables(),
        migrations=NOWHERE,
        slices=[Slice(name="teller", states=[ProfileState])],
        owns_policies=True,
    )


def listener(handlers: Handlers, deadlines: Deadlines | None = None, loops: Sequence[Loop] = ()) -> Service:
    """The service that listens."""
    return Service(
        name="matching",
        title="matching",
        description="listens",
        tables=tables(),
        migrations=NOWHERE,
        slices=[Slice(name="listener", handlers=handlers, deadlines=deadlines or Deadlines(), loops=loops)],
    )


def settings_for(database_url: str, log_url: str) -> Settings:
    """Settings of a test; the address has ``{service}`` in it."""
    return Settings(database_url=database_url, log_url=log_url, test_clock=True)


async def make_tables(database: Database) -> None:
    """Make a service's tables without migrations."""
    async with database.engine.begin() as connection:
        await connection.run_sync(database.metadata.create_all)


@asynccontextmanager
async def running(service: Service, url: str, event_log: EventLog) -> AsyncIterator[ServiceRuntime]:
    """A service in this process, its loops not yet started."""
    at_work = ServiceRuntime(
        service, settings_for(url, "postgresql://unused/unused"), event_log, ["registry", "matching", "operations"]
    )
    await make_tables(at_work.database)
    try:
        yield at_work
    finally:
        await at_work.stop()


async def tell_paused(database: Database, trainer_id: UUID, times: int = 1) -> None:
    """Publish in one transaction."""
    async with database.begin(actor="test") as tx:
        for _ in range(times):
            tx.publish(TrainerPaused(trainer_id=trainer_id), case=trainer_id)


async def heard(database: Database) -> list[tuple[UUID, str]]:
    """What the listening service wrote down, in order."""
    async with database.begin(actor="test") as tx:
        rows = await tx.execute(text("SELECT trainer_id, what FROM heard ORDER BY position"))
        return [(row.trainer_id, row.what) for row in rows]


async def eventually(condition: Callable[[], Awaitable[bool]], *, within: float = 20.0) -> None:
    """Wait until something holds; after ``within`` seconds it never will."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - somebody else makes it true
            await asyncio.sleep(0.02)


async def rows_in(url: str, table: str) -> int:
    """Count rows from outside."""
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(f'SELECT count(*) FROM "{table}"'))
    finally:
        await connection.close()


def new_id() -> UUID:
    """A new trainer's id."""
    return uuid7()
