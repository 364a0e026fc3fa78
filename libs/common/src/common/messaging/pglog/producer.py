"""Appending: one transaction per batch, under the counters of its partitions."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zlib import crc32

import asyncpg

from common.messaging.log import LogUnavailable, NotPermitted, Refusal, TopicNotPermitted, sendable
from common.messaging.pglog.connection import ReconnectingConnection, pairs
from common.messaging.pglog.schema import CHANNEL, Place
from common.messaging.written_headers import headers_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from common.messaging.log import Message
    from common.messaging.pglog.connection import Connection

logger = logging.getLogger(__name__)

# Whoever holds the counter rows writes alone to these partitions until its commit: offsets become visible
# in their own order, so a reader that saw one has seen all before it. Sorted, so that nobody deadlocks.
_LOCK: Final = "SELECT id, next_offset FROM partitions WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"
# Time never runs backwards within a partition, whatever the machine's clock does: offset_at searches by halves.
_APPEND: Final = """
    WITH counted AS (
        UPDATE partitions SET next_offset = new.next_offset, last_at = greatest(last_at, statement_timestamp())
        FROM unnest($1::int[], $2::bigint[]) AS new (id, next_offset)
        WHERE partitions.id = new.id RETURNING partitions.id, partitions.last_at
    )
    INSERT INTO records ("offset", at, partition, compacted, key, headers, value)
    SELECT new."offset", counted.last_at, new.partition, new.compacted, new.key, new.headers, new.value
    FROM unnest($3::int[], $4::bigint[], $5::boolean[], $6::text[], $7::text[], $8::bytea[])
        AS new (partition, "offset", compacted, key, headers, value)
    JOIN counted ON counted.id = new.partition
    """
_COMPACT: Final = """
    DELETE FROM records USING unnest($1::int[], $2::text[], $3::bigint[]) AS new (partition, key, "offset")
    WHERE records.compacted AND records.partition = new.partition AND records.key = new.key
        AND records."offset" < new."offset"
    """
_PURGE_TOMBSTONES: Final = """
    DELETE FROM records WHERE compacted AND value IS NULL AND partition = ANY($1)
        AND at < statement_timestamp() - $2::interval
    """
# NOTIFY takes a lock of the whole cluster at its commit: so not in the append's transaction, where it would hold
# that lock during the flush (5,500 against 4,300 small commits a second), and without a flush of its own.
_COMMIT: Final = "COMMIT; BEGIN; SET LOCAL synchronous_commit = off; {notify}; COMMIT"


# Acknowledged means kept, also on a server that is set up to be quick; stricter settings than "on" stay.
_DURABLE: Final = """
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
    """


async def _durably(connection: Connection) -> None:
    await connection.execute(_DURABLE)


class PostgresProducer:
    """Sends for one relay over a connection of its own."""

    def __init__(
        self, dsn: str, name: str, *, places: Callable[[str], Awaitable[Place]], tombstones_kept: timedelta
    ) -> None:
        """Prepare; it connects when it sends."""
        self._name = name
        self._link = ReconnectingConnection(dsn, name, on_open=_durably)
        self._terminator = ReconnectingConnection(dsn, f"{name}-abort")
        self._abandoned_backends: list[str] = []
        """Backends that we cut off and that may not have noticed yet."""
        self._places = places
        self._tombstones_kept = tombstones_kept
        self.refused: Mapping[int, Refusal] = {}
        """What the last send could not have sent."""

    async def send(self, messages: Sequence[Message], *, within: float) -> Sequence[int]:
        """Append all or nothing of what is not too large: see the seam."""
        may, self.refused = sendable(messages, headers_text)
        if not may:
            return ()
        every, messages = messages, [messages[index] for index in may] if self.refused else messages
        try:
            async with asyncio.timeout(within):
                places = {topic: await self._places(topic) for topic in {message.topic for message in messages}}
                await self._terminate_abandoned()
                async with self._link.acquire() as connection:
                    await self._append(connection, messages, list(may.values()), places, within)
        except (TimeoutError, LogUnavailable, asyncpg.QueryCanceledError) as trouble:
            if isinstance(trouble, NotPermitted):
                logger.warning("%s: the log refuses: %s", self._name, trouble)
            if isinstance(trouble, TopicNotPermitted):
                why = Refusal("NotPermitted: this login may not write to the topic", of_topic=True)
                self.refused = {n: why for n, one in enumerate(every) if one.topic in trouble.topics}
            self._cut()
            return ()
        except BaseException:
            self._cut()
            raise
        return list(may)

    async def _append(
        self,
        connection: Connection,
        messages: Sequence[Message],
        headers: Sequence[str],
        places: dict[str, Place],
        within: float,
    ) -> None:
        wanted = []
        for message in messages:
            ids = places[message.topic].ids
            wanted.append(ids[crc32(message.key.encode()) % len(ids)])
        await connection.execute(f"BEGIN; SET LOCAL statement_timeout = {max(1, int(within * 1000))}")
        following = pairs(await connection.fetch(_LOCK, list(set(wanted))))
        if len(following) < len(set(wanted)):
            # Row-level security hides the counters that this login may not move on.
            hidden = set(wanted).difference(following)
            raise TopicNotPermitted(topic for topic, place in places.items() if hidden.intersection(place.ids))
        offsets = []
        for partition in wanted:
            offsets.append(following[partition])
            following[partition] += 1
        compacted = [places[message.topic].compacted for message in messages]
        newest = {
            (partition, message.key): offset
            for partition, message, offset, state in zip(wanted, messages, offsets, compacted, strict=True)
            if state
        }
        rows = [
            (partition, offset, state, message.key, written, message.value)
            for partition, message, written, offset, state in zip(
                wanted, messages, headers, offsets, compacted, strict=True
            )
            if not state or newest[partition, message.key] == offset
        ]
        columns = (list(column) for column in zip(*rows, strict=True))
        await connection.execute(_APPEND, list(following), list(following.values()), *columns)
        if newest:
            partitions, keys = zip(*newest, strict=True)
            await connection.execute(_COMPACT, partitions, keys, list(newest.values()))
            await connection.execute(_PURGE_TOMBSTONES, list(set(partitions)), self._tombstones_kept)
        notify = "; ".join(f"NOTIFY {CHANNEL}, 't:{topic}'" for topic in places)  # names are checked when made
        await connection.execute(_COMMIT.format(notify=notify))

    def _cut(self) -> None:
        if self._link.is_open:
            self._abandoned_backends.append(self._link.backend)
        self._link.abort()

    async def _terminate_abandoned(self) -> None:
        """End the backends that we left: one that waits for a lock could still commit what we gave up."""
        while self._abandoned_backends:
            async with self._terminator.acquire() as connection:
                ended = await connection.fetchval(
                    "SELECT bool_and(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                    " WHERE application_name = $1",
                    self._abandoned_backends[0],
                )
            if ended is False:
                message = "a connection that was given up is still at work"
                raise LogUnavailable(message)
            self._abandoned_backends.pop(0)
        await self._terminator.disconnect()

    async def abort(self) -> None:
        """Cut the connection and end its backend; where the server can't be asked, before the next send."""
        self._cut()
        with suppress(LogUnavailable):
            await self._terminate_abandoned()

    async def close(self) -> None:
        """Release connections."""
        await self._link.close()
        await self._terminator.close()
