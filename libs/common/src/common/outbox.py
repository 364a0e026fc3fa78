"""The relay: what committed is sent, in order per key, at least once."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import asyncpg
import structlog

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

    BATCH: Final = 2000
    POLL: Final = 0.5
    """Seconds after which it looks without being woken: a wake-up may get lost, a row may not."""
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
            self._database.url, timeout=5, server_settings={"application_name": f"hto-{self._database.service}-relay"}
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
                if not await self._relay_batch(connection, producer, lost):
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

    async def _relay_batch(self, connection: asyncpg.Connection[Any], producer: Producer, lost: asyncio.Event) -> bool:
        rows = await connection.fetch(_OLDEST, self.BATCH)
        if not rows:
            OUTBOX_ROWS.labels(self._database.service).set(0)
            OUTBOX_AGE.labels(self._database.service).set(0)
            return False
        OUTBOX_ROWS.labels(self._database.service).set(len(rows))
        OUTBOX_AGE.labels(self._database.service).set(rows[0]["age"])
        messages = [
            Message(
                topic=row["aggregatetype"],
                key=row["aggregateid"],
                value=row["payload"],
                headers=json.loads(row["headers"]),
            )
            for row in rows
        ]
        taken = await _unless(lost, producer.send(messages, within=self.ACKNOWLEDGED_WITHIN))
        # Exactly the acknowledged ones: a row with a lower position may have become visible meanwhile.
        await connection.execute(_SENT, [rows[index]["position"] for index in taken])
        RELAYED.labels(self._database.service).inc(len(taken))
        if len(taken) < len(rows):
            RELAY_FAILURES.labels(self._database.service).inc()
            raise LogUnavailable(f"{len(rows) - len(taken)} of {len(rows)} events were not acknowledged")
        return True


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
        gone.cancel()
        send.cancel()
        await asyncio.gather(send, gone, return_exceptions=True)


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
    FROM outbox ORDER BY position LIMIT $1
"""
_SENT: Final = "DELETE FROM outbox WHERE position = ANY($1::bigint[])"
