"""Rows of an outbox that the log refuses: set apart with what follows them in their key, while all others go on.

They are parked under the consumer ``<service>.relay``, so operators see, redrive and discard them as they do parked
events. Only the relay that holds the lock sets apart, on the connection that holds it: a relay that lost the lock
cannot move what the next one has meanwhile sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import structlog
from pydantic import TypeAdapter
from sqlalchemy import text

from common.messaging.consumer import parking
from common.messaging.log import LogUnavailable, Message, Record, Refusal
from common.persistence.lease import publish_redriven
from common.runtime.backoff import backoff
from common.runtime.telemetry import OUTBOX_APART, OUTBOX_REFUSED, error_location

if TYPE_CHECKING:
    import asyncpg

    from common.persistence.database import Database
    from common.persistence.transaction import Tx

log = structlog.get_logger()

_HEADERS: Final = TypeAdapter(dict[str, str])
"""What can be sent as headers."""
Outcome = tuple[Collection[int], Mapping[int, Refusal]]
"""Of a send: the indexes that were acknowledged, and what was refused."""
Send = Callable[[Sequence[Message]], Awaitable[Outcome]]


class SetApart:
    """The rows of the outbox that one service's relay has set apart."""

    LOOK: Final = 0.5
    """Seconds between two looks at what is to be tried again."""
    AT_ONCE: Final = 20
    """So many keys are tried again before the outbox has its turn."""
    EVENTS: Final = 500
    """So many events of one key are sent at once when it is tried again."""

    def __init__(self, database: Database) -> None:
        """Know of nothing yet: see ``load``."""
        self._database = database
        self.consumer: Final = f"{database.service}.relay"
        self.keys: set[tuple[str, str]] = set()
        """The topics and keys of what is set apart."""
        self._look_at = 0.0
        self._unannounced = False

    async def load(self, connection: asyncpg.Connection[Any]) -> None:
        """Learn what is set apart already."""
        await self._due(connection)
        self._unannounced = bool(self.keys)

    async def put(
        self, connection: asyncpg.Connection[Any], rows: Sequence[asyncpg.Record], refused: Mapping[int, Refusal]
    ) -> None:
        """Set apart what was refused; a topic that takes nothing now is tried again by itself."""
        await self._move(
            connection,
            [rows[index] for index in refused],
            [refusal.reason for refusal in refused.values()],
            [backoff(1, first=2) if refusal.of_topic else None for refusal in refused.values()],
        )
        OUTBOX_REFUSED.labels(self._database.service).inc(len(refused))
        for index, refusal in refused.items():
            row = rows[index]
            log.error("relay.set-apart", service=self._database.service, key=row["aggregateid"], reason=refusal.reason)

    async def without(
        self, connection: asyncpg.Connection[Any], rows: Sequence[asyncpg.Record]
    ) -> Sequence[asyncpg.Record]:
        """Move the rows of keys that are set apart behind what they wait for; return the others."""
        behind = [row for row in rows if _place(row) in self.keys]
        if not behind:
            return rows
        # A key that was discarded or erased meanwhile has nothing to wait for: it is tried at once.
        await self._move(connection, behind, ["behind what was refused"] * len(behind), [0.0] * len(behind))
        for row in behind:
            if row["payload"] is None:
                await connection.execute(_OVERTAKE, self.consumer, *_place(row), row["position"])
        return [row for row in rows if _place(row) not in self.keys]

    async def attend(self, connection: asyncpg.Connection[Any], send: Send) -> None:
        """Announce what was set apart, and try again what is due: by an order, or where a topic was missing.

        Raises:
            LogUnavailable: the log is away.
        """
        clock = asyncio.get_running_loop().time()
        if not self.keys or clock < self._look_at:
            return
        self._look_at = clock + self.LOOK
        try:
            await self._attend(connection, send)
        except LogUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is set apart, the others go on
            log.warning("relay.apart-interrupted", service=self._database.service, reason=error_location(error))

    async def _attend(self, connection: asyncpg.Connection[Any], send: Send) -> None:
        if self._unannounced:
            self._unannounced = await self._announce() > 0
        due = await self._due(connection)
        again: set[str] = set()
        for topic, key in due[: self.AT_ONCE]:
            if topic not in again and await self._try(topic, key, send):
                again.add(topic)
        OUTBOX_APART.labels(self._database.service).set(len(self.keys))

    async def _move(
        self,
        connection: asyncpg.Connection[Any],
        rows: Sequence[asyncpg.Record],
        reasons: Sequence[str],
        retries: Sequence[float | None],
    ) -> None:
        positions = [row["position"] for row in rows]
        await connection.execute(_MOVE, self.consumer, positions, list(reasons), list(retries))
        self.keys |= {_place(row) for row in rows}
        self._unannounced = True
        OUTBOX_APART.labels(self._database.service).set(len(self.keys))

    async def _due(self, connection: asyncpg.Connection[Any]) -> list[tuple[str, str]]:
        rows = await connection.fetch(_KEYS, self.consumer)
        self.keys = {(row["topic"], row["key"]) for row in rows}
        return [(row["topic"], row["key"]) for row in rows if row["due"]]

    async def _announce(self) -> int:
        async with self._database.begin(actor="relay") as tx:
            rows = (await tx.execute(_NEWS, {"consumer": self.consumer})).all()
            for row in rows:
                first = await self._events(tx, row.topic, row.key, 1)
                if first:
                    parking.announce(tx, self.consumer, _record(first[0]), row)
        return len(rows)

    async def _try(self, topic: str, key: str, send: Send) -> bool:
        """Send a key's events, in order, as far as they go; return whether the topic takes nothing at all.

        Raises:
            LogUnavailable: nothing is known of them now.
        """
        parked = {"consumer": self.consumer, "topic": topic, "key": key}
        async with self._database.begin(actor="relay") as tx:
            if (await tx.execute(parking.LOCK_KEY, parked)).one_or_none() is None:
                return False
            rows = await self._events(tx, topic, key, self.EVENTS)
            taken, refused = await self._outcome(rows, send) if rows else ((), {})
            left = await self._sent(tx, parked, [rows[index] for index in sorted(taken)])
            if not left:
                self.keys.discard((topic, key))
                return False
            refusal = refused.get(len(taken))
            if refusal is not None:
                return await self._refused_again(tx, parked, _record(rows[len(taken)]), refusal)
        if len(taken) < len(rows):
            raise LogUnavailable("what was set apart was not acknowledged")
        return False

    async def _outcome(self, rows: Sequence[Any], send: Send) -> Outcome:
        try:
            return await send([_message(row) for row in rows])
        except (OSError, LogUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 - what the log's client raises is this row's failure
            return (), {0: Refusal(error_location(error))}

    async def _sent(self, tx: Tx, parked: dict[str, str], sent: Sequence[Any]) -> int:
        await tx.execute(_REMOVE, {"positions": [row.position for row in sent]})
        row = (await tx.execute(parking.STATE_OF_KEY, parked)).one()
        if not row.left:
            await tx.execute(parking.REMOVE_KEY, parked)
        if sent and row.announced:
            record = _record(sent[0])
            case = record.headers.get("ce_correlationid")
            publish_redriven(tx, self.consumer, record.topic, record.key, handled=len(sent), left=row.left, case=case)
        return int(row.left)

    async def _refused_again(self, tx: Tx, parked: dict[str, str], record: Record, refusal: Refusal) -> bool:
        attempts = await parking.attempts_of(tx, self.consumer, record.topic, record.key)
        wait = backoff(attempts + 1, first=2, most=60) if refusal.of_topic else None
        if refusal.of_topic:  # none of its other keys need be tried before then
            await tx.execute(_POSTPONE, {**parked, "wait": wait})
        stop = parking.Stop(why="failed", reason=refusal.reason, retry_in=wait)
        await parking.failed_again(tx, self.consumer, record, stop)
        return refusal.of_topic

    async def _events(self, tx: Tx, topic: str, key: str, limit: int) -> Sequence[Any]:
        about = {"consumer": self.consumer, "topic": topic, "key": key, "limit": limit}
        return (await tx.execute(_EVENTS, about)).all()


def _place(row: asyncpg.Record) -> tuple[str, str]:
    return row["aggregatetype"], row["aggregateid"]


def _message(row: Any) -> Message:
    return Message(topic=row.topic, key=row.key, value=row.value, headers=_HEADERS.validate_python(row.headers))


def _record(row: Any) -> Record:
    """Make a record of a row whose headers may be the reason why it is here."""
    headers = row.headers if isinstance(row.headers, dict) else {}
    text_only = {str(name): str(value) for name, value in headers.items()}
    return replace(parking.record_of(row), headers=text_only)


_MOVE: Final = """
    WITH refused AS (
        SELECT * FROM unnest($2::bigint[], $3::text[], $4::float8[]) AS row (position, reason, retry_in)
    ), gone AS (
        DELETE FROM outbox USING refused WHERE outbox.position = refused.position
        RETURNING outbox.position, aggregatetype AS topic, aggregateid AS key, payload, headers, created_at,
                  reason, retry_in
    ), keys AS (
        INSERT INTO parked_keys (consumer, topic, key, why, reason, attempts, retry_at)
        SELECT DISTINCT ON (topic, key) $1, topic, key, 'failed', reason, 1,
               clock_timestamp() + make_interval(secs => retry_in)
        FROM gone ORDER BY topic, key, position
        -- It is announced once more, with what waits by now.
        ON CONFLICT (consumer, topic, key) DO UPDATE SET announced = false
    )
    INSERT INTO parked_events (consumer, topic, key, partition, "offset", headers, value, recorded_at)
    SELECT $1, topic, key, 0, position, headers, payload, created_at FROM gone ORDER BY position
"""
# As in parking: a tombstone takes the place of all that is parked before it, and is tried at once.
_OVERTAKE: Final = """
    WITH overtaken AS (
        DELETE FROM parked_events WHERE consumer = $1 AND topic = $2 AND key = $3 AND "offset" < $4
    )
    UPDATE parked_keys SET retry_at = clock_timestamp() WHERE consumer = $1 AND topic = $2 AND key = $3
"""
_KEYS: Final = """
    SELECT topic, key, coalesce(retry_at <= clock_timestamp(), false) AS due
    FROM parked_keys WHERE consumer = $1 ORDER BY retry_at
"""
_NEWS: Final = text("""
    UPDATE parked_keys k SET announced = true
    FROM (
        SELECT topic, key FROM parked_keys WHERE consumer = :consumer AND NOT announced
        ORDER BY topic, key LIMIT 100 FOR UPDATE
    ) AS new
    WHERE k.consumer = :consumer AND (k.topic, k.key) = (new.topic, new.key)
    RETURNING k.topic, k.key, why, reason, attempts,
        (SELECT count(*) FROM parked_events e WHERE (e.consumer, e.topic, e.key) = (k.consumer, k.topic, k.key)) AS left
""")
_EVENTS: Final = text("""
    SELECT position, topic, partition, "offset", key, value, headers, recorded_at FROM parked_events
    WHERE consumer = :consumer AND topic = :topic AND key = :key ORDER BY position LIMIT :limit
""")
_REMOVE: Final = text("DELETE FROM parked_events WHERE position = ANY(CAST(:positions AS bigint[]))")
_POSTPONE: Final = text("""
    UPDATE parked_keys SET attempts = attempts + 1,
           retry_at = clock_timestamp() + make_interval(secs => CAST(:wait AS float8))
    WHERE consumer = :consumer AND topic = :topic AND key <> :key AND retry_at <= clock_timestamp()
""")
