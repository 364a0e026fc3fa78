"""The relay: what committed is sent, in order per key, at least once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import asyncpg
import structlog
from pydantic_core import from_json

from common.backoff import backoff
from common.log import EventLog, LogUnavailable, Message, Producer
from common.telemetry import OUTBOX_AGE, OUTBOX_ROWS, RELAY_FAILURES, RELAYED

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from common.db import Database

log = structlog.get_logger()

CHANNEL: Final = "outbox"
_LOCK: Final = crc32(b"hto outbox relay")
_CONNECTION_LOST: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)


class Relay:
    """Moves rows from one service's outbox to the log. Any number may run; the advisory lock lets one work.

    The lock is held by the connection that reads and deletes: a relay that lost its connection cannot delete
    what another one has meanwhile sent, and aborts its producer before anything else.
    """

    BATCH: Final = 5000
    BATCHES: Final = 8
    """Read one behind the other before it looks again for what became visible later."""
    POLL: Final = 0.5
    """Seconds after which it looks without being woken: a wake-up may get lost, a row may not."""
    GATHER: Final = 0.02
    """Seconds in which rows are gathered while they keep coming."""
    ACKNOWLEDGED_WITHIN: Final = 10.0
    """Seconds; the clients of the log raise nothing in a short outage, so the limit is ours."""

    def __init__(self, database: Database, event_log: EventLog) -> None:
        """Take the outbox of ``database`` and the log it goes to."""
        self._database, self._log = database, event_log
        self._woken = database.committed
        self.active = False
        """Whether this relay holds the lock."""
        self._failures = 0
        """Since the last batch that went well."""

    async def run(self) -> None:
        """Relay until cancelled, through every outage of the database and of the log."""
        while True:
            try:
                await self._relay_while_connected()
            except (*_CONNECTION_LOST, LogUnavailable) as error:
                self._failures += 1
                log.warning("relay.interrupted", service=self._database.service, error=type(error).__name__)
            await asyncio.sleep(backoff(self._failures, first=0.2, most=5))

    async def _relay_while_connected(self) -> None:
        connection = await asyncpg.connect(
            self._database.url,
            timeout=5,
            server_settings={
                "application_name": f"hto-{self._database.service}-relay",
                # What is deleted was acknowledged by the log: rows that come back after a crash are sent once more.
                "synchronous_commit": "off",
            },
        )
        producer: Producer | None = None
        lost = asyncio.Event()
        connection.add_termination_listener(lambda *_: lost.set())
        try:
            await connection.add_listener(CHANNEL, lambda *_: self._woken.set())
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110 - its holder may die unheard
                await asyncio.sleep(1)
            self.active = True
            producer = await self._log.producer(self._database.service)
            while True:
                self._woken.clear()
                if await self._relay_backlog(connection, producer, lost):
                    await asyncio.sleep(self.GATHER)
                else:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self.POLL):
                            await self._woken.wait()
                self._failures = 0
        finally:
            self.active = False
            try:
                if producer is not None:
                    # First of all: nothing in flight may arrive after the next relay has begun.
                    await producer.abort()
                    await producer.close()
            finally:
                connection.terminate()

    async def _relay_backlog(
        self, connection: asyncpg.Connection[Any], producer: Producer, lost: asyncio.Event
    ) -> bool:
        """Send what is there, the oldest first; return whether there was anything.

        While a batch is on its way, the one before it is deleted and the next one is read. The next is sent only
        when this one was acknowledged. What becomes visible behind the reading has another key than what was read
        past it, and is found when the next backlog begins: after ``BATCHES`` at the latest.
        """
        rows = await self._oldest(connection)
        self._measure(rows)
        sent: list[int] = []
        there = bool(rows)
        for further in reversed(range(self.BATCHES)):
            if not rows:
                break
            sending = asyncio.ensure_future(
                _unless(lost, producer.send(_messages(rows), within=self.ACKNOWLEDGED_WITHIN))
            )
            try:
                await self._delete(connection, sent)
                full = further and len(rows) == self.BATCH
                following = await self._oldest(connection, after=rows[-1]["position"]) if full else []
                taken = await sending
            finally:
                await _end(sending)
            # Exactly the acknowledged ones, wherever they stand in the batch.
            sent = [rows[index]["position"] for index in taken]
            if len(sent) < len(rows):
                await self._delete(connection, sent)
                RELAY_FAILURES.labels(self._database.service).inc()
                raise LogUnavailable(f"{len(rows) - len(sent)} of {len(rows)} events were not acknowledged")
            rows = following
        await self._delete(connection, sent)
        return there

    async def _oldest(self, connection: asyncpg.Connection[Any], *, after: int = 0) -> list[asyncpg.Record]:
        return await connection.fetch(_OLDEST, after, self.BATCH)

    async def _delete(self, connection: asyncpg.Connection[Any], positions: Sequence[int]) -> None:
        if positions:
            await connection.execute(_SENT, positions)
            RELAYED.labels(self._database.service).inc(len(positions))

    def _measure(self, rows: Sequence[asyncpg.Record]) -> None:
        OUTBOX_ROWS.labels(self._database.service).set(len(rows))
        OUTBOX_AGE.labels(self._database.service).set(rows[0]["age"] if rows else 0)


def _messages(rows: Sequence[asyncpg.Record]) -> list[Message]:
    return [
        Message(
            topic=row["aggregatetype"],
            key=row["aggregateid"],
            value=row["payload"],
            headers=from_json(row["headers"]),
        )
        for row in rows
    ]


async def _unless(lost: asyncio.Event, sending: Coroutine[Any, Any, Sequence[int]]) -> Sequence[int]:
    """Wait for the acknowledgements, but not for one moment longer than the lock is held.

    Raises:
        ConnectionError: the connection went, and the lock with it; nothing more is sent.
    """
    send, gone = asyncio.ensure_future(sending), asyncio.ensure_future(lost.wait())
    try:
        await asyncio.wait({send, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            raise ConnectionError("the relay's lock was lost")
        return await send
    finally:
        await _end(send, gone)


async def _end(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Notifier:
    """Wakes the relay of another process after commits, many of them with one NOTIFY.

    It is not part of the writing transactions: NOTIFY takes a lock of the whole cluster at commit, and
    would put them in a row. A lost wake-up costs the relay's poll interval.
    """

    PAUSE: Final = 0.002

    def __init__(self, database: Database, relay: Relay | None = None) -> None:
        """Notify for ``database``, unless ``relay`` of this same process is the one at work."""
        self._database, self._relay = database, relay
        self._told = asyncio.Event()
        self._failures = 0
        database.on_commit(self._told.set)

    async def run(self) -> None:
        """Notify until cancelled."""
        while True:
            try:
                await self._notify_while_connected()
            except _CONNECTION_LOST:
                self._failures += 1
                await asyncio.sleep(backoff(self._failures, first=0.2, most=5))

    async def _notify_while_connected(self) -> None:
        connection = await asyncpg.connect(
            self._database.url, timeout=5, server_settings={"application_name": f"hto-{self._database.service}-notify"}
        )
        try:
            while True:
                await self._told.wait()
                self._told.clear()
                if self._relay is None or not self._relay.active:
                    await connection.execute(f"NOTIFY {CHANNEL}")
                    self._failures = 0
                    await asyncio.sleep(self.PAUSE)
        finally:
            connection.terminate()


_OLDEST: Final = """
    SELECT position, aggregatetype, aggregateid, payload, headers::text AS headers,
           extract(epoch FROM clock_timestamp() - created_at)::float8 AS age
    FROM outbox WHERE position > $1 ORDER BY position LIMIT $2
"""
_SENT: Final = "DELETE FROM outbox WHERE position = ANY($1::bigint[])"
