"""The relay: what committed is sent, in order per key, at least once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import asyncpg
import structlog

from common.messaging.log import EventLog, LogUnavailable, Message, Producer, Refusal, UnknownTopic
from common.messaging.set_apart import Outcome, SetApart
from common.messaging.written_headers import WrittenHeaders
from common.runtime.backoff import backoff
from common.runtime.event_loop import end_all, is_stopping
from common.runtime.failures import CONNECTION_LOST
from common.runtime.telemetry import OUTBOX_AGE, OUTBOX_ROWS, RELAY_FAILURES, RELAYED, error_location

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from common.persistence.database import Database

log = structlog.get_logger()

CHANNEL: Final = "outbox"
_LOCK: Final = crc32(b"hto outbox relay")


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
    ANSWERED_WITHIN: Final = 60.0
    """Seconds that the database may take for a statement."""
    TRIES: Final = 3
    """How often a row is sent that makes the log's client raise, before it is set apart."""

    def __init__(self, database: Database, event_log: EventLog) -> None:
        """Take the outbox of ``database`` and the log it goes to."""
        self._database, self._log = database, event_log
        self._woken = database.committed
        self.active = False
        """Whether this relay holds the lock."""
        self._failures = 0
        """Since the last batch that went well."""
        self.apart = SetApart(database)
        """What the log refuses, and what waits behind it."""
        self._room = self.BATCH
        """Rows in a batch: fewer while it is not known which of them makes the log's client raise."""
        self._raised = 0
        """How often in a row a batch of one row did."""

    async def run(self) -> None:
        """Relay until cancelled, through every outage of the database and of the log."""
        while not is_stopping():
            try:
                await self._relay_while_connected()
            except (*CONNECTION_LOST, LogUnavailable) as error:
                self._failures += 1
                log.warning("relay.interrupted", service=self._database.service, error=type(error).__name__)
            await asyncio.sleep(backoff(self._failures, first=0.2, most=5))

    async def _relay_while_connected(self) -> None:
        connection = await asyncpg.connect(
            self._database.url,
            timeout=5,
            command_timeout=self.ANSWERED_WITHIN,
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
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                if is_stopping():
                    return
                await asyncio.sleep(1)
            self.active = True
            await self.apart.load(connection)
            producer = await self._log.producer(self._database.service)
            await self._relay(connection, _Sending(self._log, producer, lost, self.ACKNOWLEDGED_WITHIN))
        finally:
            self.active = False
            self._database.turns.leave("relay")
            try:
                if producer is not None:
                    # First of all: nothing in flight may arrive after the next relay has begun.
                    await producer.abort()
                    await producer.close()
            finally:
                connection.terminate()

    async def _relay(self, connection: asyncpg.Connection[Any], sending: _Sending) -> None:
        while not is_stopping():
            self._woken.clear()
            self._database.turns.take("relay")
            await self.apart.attend(connection, sending.send)
            if await self._relay_backlog(connection, sending):
                await asyncio.sleep(self.GATHER)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.POLL):
                        await self._woken.wait()
            self._failures = 0

    async def _relay_backlog(self, connection: asyncpg.Connection[Any], log_: _Sending) -> bool:
        """Send what is there, the oldest first; return whether there was anything.

        While a batch is on its way, the one before it is deleted and the next one is read. The next is sent only
        when this one was acknowledged. What becomes visible behind the reading has another key than what was read
        past it, and is found when the next backlog begins: after ``BATCHES`` at the latest.
        """
        rows: Sequence[asyncpg.Record] = await self._oldest(connection)
        self._measure(rows)
        sent: list[int] = []
        there = bool(rows)
        for further in reversed(range(self.BATCHES)):
            if not rows:
                break
            self._database.turns.take("relay", str(rows[0]["position"]))
            last, full = rows[-1]["position"], further and len(rows) == self._room
            if self.apart.keys:
                rows = await self.apart.without(connection, rows)
            sending = asyncio.ensure_future(log_.rows(rows))
            try:
                await self._delete(connection, sent)
                following = await self._oldest(connection, after=last) if full else []
                outcome = await self._found(log_, rows, sending)
            finally:
                await end_all([sending])
            # Exactly the acknowledged ones, wherever they stand in the batch.
            sent = [rows[index]["position"] for index in outcome[0]]
            if len(sent) < len(rows):
                await self._delete(connection, sent)
                await self._not_taken(connection, rows, outcome)
                return True
            rows = following
        await self._delete(connection, sent)
        return there

    async def _found(self, log_: _Sending, rows: Sequence[asyncpg.Record], sending: asyncio.Future[Outcome]) -> Outcome:
        """Wait for what became of a batch; where the log's client raises, look for the row that makes it."""
        try:
            outcome = await sending
        except (*CONNECTION_LOST, LogUnavailable):
            raise
        except Exception as error:
            await log_.check()  # else nothing is known of any row
            if len(rows) > 1:
                self._room = len(rows) // 2
                raise LogUnavailable(f"the log's client raised {error_location(error)}") from error
            self._raised += 1
            if self._raised < self.TRIES:
                raise LogUnavailable(f"the log's client raised {error_location(error)}") from error
            outcome = (), {0: Refusal(error_location(error))}
        self._raised, self._room = 0, min(self.BATCH, 2 * self._room)
        return outcome

    async def _not_taken(
        self, connection: asyncpg.Connection[Any], rows: Sequence[asyncpg.Record], outcome: Outcome
    ) -> None:
        """Set apart what was refused.

        Raises:
            LogUnavailable: nothing was: the log does not answer, and everything waits.
        """
        taken, refused = set(outcome[0]), outcome[1]
        RELAY_FAILURES.labels(self._database.service).inc()
        refused = {index: why for index, why in refused.items() if index not in taken}
        if not refused:
            raise LogUnavailable(f"{len(rows) - len(taken)} of {len(rows)} events were not acknowledged")
        await self.apart.put(connection, rows, refused)

    async def _oldest(self, connection: asyncpg.Connection[Any], *, after: int = 0) -> list[asyncpg.Record]:
        return await connection.fetch(_OLDEST, after, self._room)

    async def _delete(self, connection: asyncpg.Connection[Any], positions: Sequence[int]) -> None:
        if positions:
            await connection.execute(_SENT, positions)
            RELAYED.labels(self._database.service).inc(len(positions))

    def _measure(self, rows: Sequence[asyncpg.Record]) -> None:
        OUTBOX_ROWS.labels(self._database.service).set(len(rows))
        OUTBOX_AGE.labels(self._database.service).set(rows[0]["age"] if rows else 0)


class _Sending:
    """Sends over one producer for as long as the lock is held."""

    def __init__(self, event_log: EventLog, producer: Producer, lost: asyncio.Event, within: float) -> None:
        """``lost`` is set when the lock's connection is gone."""
        self._log, self._producer, self._lost, self._within = event_log, producer, lost, within
        self.check: Callable[[], Coroutine[Any, Any, None]] = event_log.check

    async def rows(self, rows: Sequence[asyncpg.Record]) -> Outcome:
        """Send rows of the outbox; return what was acknowledged and what was refused."""
        return await self.send([_message(row) for row in rows])

    async def send(self, messages: Sequence[Message]) -> Outcome:
        """Send messages; return what was acknowledged and what was refused.

        Raises:
            ConnectionError: the connection went, and the lock with it; nothing more is sent.
            LogUnavailable: the log's client does not keep to its time.
        """
        try:
            taken = await self._unless_lost(self._producer.send(messages, within=self._within))
        except UnknownTopic as error:
            why = Refusal(f"UnknownTopic: {error.topic}", of_topic=True)
            return (), {index: why for index, message in enumerate(messages) if message.topic == error.topic}
        return taken, self._producer.refused if len(taken) < len(messages) else {}

    async def _unless_lost(self, sending: Coroutine[Any, Any, Sequence[int]]) -> Sequence[int]:
        """Wait for the acknowledgements, but not for one moment longer than the lock is held."""
        send, gone = asyncio.ensure_future(sending), asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({send, gone}, return_when=asyncio.FIRST_COMPLETED, timeout=2 * self._within)
            if gone.done():
                raise ConnectionError("the relay's lock was lost")
            if not send.done():
                raise LogUnavailable("the log's client does not keep to its time")
            return await send
        finally:
            await end_all([send, gone])


def _message(row: asyncpg.Record) -> Message:
    return Message(
        topic=row["aggregatetype"],
        key=row["aggregateid"],
        value=row["payload"],
        headers=WrittenHeaders(row["headers"]),
    )


class Notifier:
    """Wakes the relay of another process after commits, many of them with one NOTIFY.

    It is not part of the writing transactions: NOTIFY takes a lock of the whole cluster at commit, and
    would put them in a row. A lost wake-up costs the relay's poll interval.
    """

    PAUSE: Final = 0.002

    def __init__(self, database: Database, relay: Relay | None = None) -> None:
        """Notify for ``database``, unless ``relay`` of this same process is the one at work."""
        self._database, self._relay = database, relay
        self._committed = asyncio.Event()
        self._failures = 0
        database.on_commit(self._committed.set)

    async def run(self) -> None:
        """Notify until cancelled."""
        while not is_stopping():
            try:
                await self._notify_while_connected()
            except CONNECTION_LOST:
                self._failures += 1
                await asyncio.sleep(backoff(self._failures, first=0.2, most=5))

    async def _notify_while_connected(self) -> None:
        connection = await asyncpg.connect(
            self._database.url, timeout=5, server_settings={"application_name": f"hto-{self._database.service}-notify"}
        )
        try:
            while not is_stopping():
                await self._committed.wait()
                self._committed.clear()
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
