"""Parking keeps order: a key that cannot go on waits with all that follows it, and the others flow on.

Dispatch and redrive lock the same row of ``parked_keys``, and redrive removes it with its last event:
an event that arrives meanwhile is either behind the others or handled after them.

A state that was parked is a copy of it. A tombstone overtakes what is parked before it, as it would on the log, and
an erasure takes away what is parked of the person.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from sqlalchemy import TextClause, text

from common.messaging.log import Record
from common.persistence.lease.parked import flow_key_of, publish_at_present, publish_discarded, publish_redriven
from common.persistence.transaction import Tx
from events import state_topics
from events.flow import EventParked

if TYPE_CHECKING:
    from common.persistence.database import Database

ParkReason = Literal["waiting", "failed", "unreadable", "newer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a key cannot go on, and when it is tried again."""

    why: ParkReason
    reason: str = ""
    retry_in: float | None = None
    """Seconds; None: only when an operator orders it, so that it is announced."""
    fact: str | None = None
    """What it waits for: it is tried as soon as that comes in as well."""
    attempts: int = 1
    """How often the event was begun since the last failure."""

    def parameters(self) -> dict[str, Any]:
        """Return its columns of ``parked_keys``."""
        return {**asdict(self), "fact": fact_of(self.fact), "announced": self.retry_in is None}


AGAIN: Final = "again:"  # before the key of what came again after the inbox forgot it: see ``floor``


async def parked_among(tx: Tx, consumer: str, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which of these ``(topic, key)`` are parked, and hold their rows until the transaction ends.

    Call it after the inbox was written: whoever handled the same events at the same time has then committed,
    and what they parked is seen.
    """
    rows = await tx.execute(
        _LOCK_KEYS, {"consumer": consumer, "topics": [topic for topic, _ in keys], "keys": [key for _, key in keys]}
    )
    return {(row.topic, row.key) for row in rows}


async def park(tx: Tx, consumer: str, record: Record, stop: Stop) -> None:
    """Keep an event aside and stop its key."""
    await tx.execute(_PARK_KEY, _key(consumer, record) | stop.parameters())
    await park_behind(tx, consumer, record)


async def park_behind(tx: Tx, consumer: str, record: Record) -> None:
    """Keep an event aside whose key is already parked; publish it where the key was announced.

    A tombstone takes the place of what is parked before it, and is tried at once: what was in its way is gone.
    """
    key = _key(consumer, record)
    overtakes = record.value is None and not record.key.startswith(AGAIN)
    if overtakes and (await tx.execute(_OVERTAKE, key | {"offset": record.offset})).rowcount:
        await tx.execute(_RETRY_NOW, key)
    kept = await tx.execute(
        _PARK_EVENT,
        {
            **key,
            "partition": record.partition,
            "offset": record.offset,
            "headers": json.dumps(dict(record.headers)),
            "value": record.value,
            "recorded_at": record.timestamp,
        },
    )
    row = (await tx.execute(STATE_OF_KEY, key)).one()
    if row.announced and kept.rowcount == 1:
        announce(tx, consumer, record, row)


async def is_parked(tx: Tx, consumer: str, topic: str, key: str) -> bool:
    """Whether a key is parked, held by another transaction or not."""
    rows = await tx.execute(STATE_OF_KEY, {"consumer": consumer, "topic": topic, "key": key})
    return rows.one_or_none() is not None


async def next_parked(tx: Tx, consumer: str, topic: str, key: str) -> tuple[int, Record] | None:
    """Lock a parked key and return its first event; None where there is no such key, or another has it."""
    found = (await tx.execute(LOCK_KEY, {"consumer": consumer, "topic": topic, "key": key})).one_or_none()
    if found is None:
        return None
    row = (await tx.execute(_FIRST_EVENT, {"consumer": consumer, "topic": topic, "key": key})).one()
    return row.position, record_of(row)


async def handled(tx: Tx, consumer: str, record: Record, position: int) -> int:
    """Remove a parked event that was handled after all, with its key if it was the last; return what is left."""
    left, case = await _remove(tx, consumer, record, position), record.headers.get("ce_correlationid")
    if left.announced:
        publish_redriven(tx, consumer, record.topic, record.key, handled=1, left=left.left, case=case)
    return int(left.left)


async def discard(tx: Tx, consumer: str, record: Record, position: int, order_id: Any) -> int:
    """Pass over a parked event on an operator's order; return how many are left behind it."""
    left = await _remove(tx, consumer, record, position)
    case, event_id = record.headers.get("ce_correlationid"), record.headers.get("ce_id")
    publish_discarded(tx, consumer, record.topic, record.key, case=case, order_id=order_id, event_id=event_id)
    return int(left.left)


async def erase(tx: Tx, key: UUID) -> int:
    """Take away every parked state of somebody who is erased, whoever parked it; return how many there were.

    A parked tombstone stays, and is tried at once. Call it before the copies are scrubbed: it waits for a redrive
    of the same states, which may be making a copy at this moment.
    """
    gone = 0
    keys = [str(key), f"{AGAIN}{key}"]
    for row in (await tx.execute(_LOCK_STATES, {"topics": sorted(state_topics()), "keys": keys})).all():
        parked = {"consumer": row.consumer, "topic": row.topic, "key": row.key}
        removed = (await tx.execute(_REMOVE_STATES, parked)).rowcount
        if not removed:
            continue
        gone += removed
        left = (await tx.execute(STATE_OF_KEY, parked)).one().left
        await tx.execute(_RETRY_NOW if left else REMOVE_KEY, parked)
        if row.announced:
            publish_redriven(tx, row.consumer, row.topic, row.key, handled=removed, left=left, case=str(key))
    return gone


async def failed_again(tx: Tx, consumer: str, record: Record, stop: Stop) -> None:
    """Note one more failure of a parked key's first event; announce it where only an order tries it again."""
    row = (await tx.execute(_FAILED_AGAIN, _key(consumer, record) | stop.parameters())).one()
    if stop.retry_in is None:
        announce(tx, consumer, record, row)


async def attempts_of(tx: Tx, consumer: str, topic: str, key: str) -> int:
    """Return how often the first event of a parked key was tried."""
    row = (await tx.execute(STATE_OF_KEY, {"consumer": consumer, "topic": topic, "key": key})).one()
    return int(row.attempts)


async def are_there_any(database: Database, consumer: str) -> bool:
    """Whether this consumer has parked anything."""
    return bool(await database.execute(_ANY, {"consumer": consumer}))


def fact_of(name: str | None) -> str | None:
    """Return the name under which a fact comes in: a subject such as ``profile/0192…``; policies come as a set."""
    return "policy" if name and name.partition("/")[0] in {"policy", "policies"} else name


async def wake(tx: Tx, consumer: str, subjects: Collection[str]) -> None:
    """Have exactly those keys tried now that wait for one of these subjects."""
    if subjects:
        await tx.execute(_WAKE, {"consumer": consumer, "facts": sorted({fact_of(subject) for subject in subjects})})


async def to_retry(tx: Tx, consumer: str, *, limit: int) -> list[tuple[str, str]]:
    """Return the keys to try now: those whose time has come."""
    rows = await tx.execute(_TO_RETRY, {"consumer": consumer, "limit": limit})
    return [(row.topic, row.key) for row in rows]


async def announce_long_waits(tx: Tx, consumer: str, *, after: float) -> int:
    """Tell about keys that wait for a fact longer than ``after`` seconds; return how many there were."""
    rows = (await tx.execute(_LONG_WAITS, {"consumer": consumer, "after": after})).all()
    for row in rows:
        first = (await tx.execute(_FIRST_EVENT, {"consumer": consumer, "topic": row.topic, "key": row.key})).one()
        announce(tx, consumer, record_of(first), row)
    return len(rows)


async def retry_newer(tx: Tx, consumer: str) -> None:
    """After an upgrade: try again what an older version of this code could not read."""
    await tx.execute(_RETRY_NEWER, {"consumer": consumer})


async def order_redrive(tx: Tx, consumer: str, topic: str, key: str) -> bool:
    """Have a parked key tried again now; return whether there is one."""
    result = await tx.execute(_RETRY_NOW, {"consumer": consumer, "topic": topic, "key": key})
    return bool(result.rowcount)


def record_of(row: Any) -> Record:
    """Make the record again that a row of ``parked_events`` was."""
    return Record(
        topic=row.topic,
        partition=row.partition,
        offset=row.offset,
        key=row.key,
        value=row.value,
        headers=row.headers,
        timestamp=row.recorded_at,
    )


def _key(consumer: str, record: Record) -> dict[str, Any]:
    return {"consumer": consumer, "topic": record.topic, "key": record.key}


async def _remove(tx: Tx, consumer: str, record: Record, position: int) -> Any:
    await tx.execute(_REMOVE_EVENT, {"position": position})
    row = (await tx.execute(STATE_OF_KEY, _key(consumer, record))).one()
    await tx.execute(_TRY_NEXT if row.left else REMOVE_KEY, _key(consumer, record))
    return row


def announce(tx: Tx, consumer: str, record: Record, key: Any) -> None:
    """Announce a parked key by its first event, unless that is an announcement itself."""
    if record.headers.get("ce_type") == EventParked.type:
        return  # whoever cannot handle an announcement would announce that, and could not handle it either
    publish_at_present(
        tx,
        EventParked(
            flow_key=flow_key_of(consumer, record.topic, record.key),
            consumer=consumer,
            topic=record.topic,
            parked_key=record.key,
            partition=record.partition,
            offset=record.offset,
            event_id=record.headers.get("ce_id"),
            event_type=record.headers.get("ce_type"),
            case_id=record.headers.get("ce_correlationid"),
            why=key.why,
            reason=key.reason,
            attempts=key.attempts,
            waiting=key.left,
        ),
        case=record.headers.get("ce_correlationid"),
    )


def _with_left(sql: str) -> TextClause:
    """Make a statement on a key ``k`` that also counts the events left behind it."""
    return text(sql.replace(":LEFT:", _LEFT))


_LEFT: Final = """(SELECT count(*) FROM parked_events e
            WHERE (e.consumer, e.topic, e.key) = (k.consumer, k.topic, k.key)) AS left"""
_LOCK_KEYS: Final = text("""
    SELECT topic, key FROM parked_keys
    WHERE consumer = :consumer
      AND (topic, key) IN (SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:keys AS text[])))
    ORDER BY topic, key
    FOR UPDATE
""")
_PARK_KEY: Final = text("""
    INSERT INTO parked_keys (consumer, topic, key, why, reason, attempts, retry_at, announced, fact)
    VALUES (:consumer, :topic, :key, :why, :reason, :attempts,
            clock_timestamp() + make_interval(secs => CAST(:retry_in AS float8)), :announced, :fact)
    -- Changes nothing, but locks the row: else a redrive could remove the key under the event that is parked now.
    ON CONFLICT (consumer, topic, key) DO UPDATE SET consumer = excluded.consumer
""")
_PARK_EVENT: Final = text("""
    INSERT INTO parked_events (consumer, topic, key, partition, "offset", headers, value, recorded_at)
    VALUES (:consumer, :topic, :key, :partition, :offset, CAST(:headers AS jsonb), :value, :recorded_at)
    ON CONFLICT (consumer, topic, partition, "offset") DO NOTHING
""")
_OVERTAKE: Final = text("""
    DELETE FROM parked_events
    WHERE consumer = :consumer AND topic = :topic AND key = :key AND "offset" < :offset
""")
_LOCK_STATES: Final = text("""
    SELECT consumer, topic, key, announced FROM parked_keys
    WHERE topic = ANY(CAST(:topics AS text[])) AND key = ANY(CAST(:keys AS text[]))
    ORDER BY consumer, topic, key
    FOR UPDATE
""")
_REMOVE_STATES: Final = text("""
    DELETE FROM parked_events
    WHERE consumer = :consumer AND topic = :topic AND key = :key AND value IS NOT NULL
""")
STATE_OF_KEY: Final = _with_left("""
    SELECT why, reason, attempts, announced,
           :LEFT:
    FROM parked_keys k WHERE consumer = :consumer AND topic = :topic AND key = :key
""")
LOCK_KEY: Final = text("""
    SELECT 1 FROM parked_keys WHERE consumer = :consumer AND topic = :topic AND key = :key FOR UPDATE SKIP LOCKED
""")
_FIRST_EVENT: Final = text("""
    SELECT position, topic, partition, "offset", key, value, headers, recorded_at FROM parked_events
    WHERE consumer = :consumer AND topic = :topic AND key = :key ORDER BY position LIMIT 1
""")
_REMOVE_EVENT: Final = text("DELETE FROM parked_events WHERE position = :position")
REMOVE_KEY: Final = text("DELETE FROM parked_keys WHERE consumer = :consumer AND topic = :topic AND key = :key")
_FAILED_AGAIN: Final = _with_left("""
    UPDATE parked_keys k SET why = :why, reason = :reason, fact = :fact, attempts = attempts + :attempts,
           retry_at = clock_timestamp() + make_interval(secs => CAST(:retry_in AS float8)),
           announced = announced OR :announced
    WHERE consumer = :consumer AND topic = :topic AND key = :key
    RETURNING why, reason, attempts, announced,
        :LEFT:
""")
_ANY: Final = text("SELECT 1 FROM parked_keys WHERE consumer = :consumer LIMIT 1")
_WAKE: Final = text("""
    UPDATE parked_keys SET retry_at = clock_timestamp()
    WHERE consumer = :consumer AND why = 'waiting' AND fact = ANY(CAST(:facts AS text[]))
""")
_TO_RETRY: Final = text("""
    SELECT topic, key FROM parked_keys
    WHERE consumer = :consumer AND retry_at <= clock_timestamp()
    -- Whoever was tried longest ago comes first: many that wait for ever must not starve the others.
    ORDER BY retry_at LIMIT :limit
""")
_LONG_WAITS: Final = _with_left("""
    UPDATE parked_keys k SET announced = true
    WHERE consumer = :consumer AND why = 'waiting' AND NOT announced
      AND since < clock_timestamp() - make_interval(secs => CAST(:after AS float8))
    RETURNING topic, key, why, reason, attempts,
        :LEFT:
""")
_RETRY_NEWER: Final = text(
    "UPDATE parked_keys SET retry_at = clock_timestamp() WHERE consumer = :consumer AND why = 'newer'"
)
_TRY_NEXT: Final = text("""
    UPDATE parked_keys SET retry_at = clock_timestamp(), attempts = 0
    WHERE consumer = :consumer AND topic = :topic AND key = :key
""")
_RETRY_NOW: Final = text("""
    UPDATE parked_keys SET retry_at = clock_timestamp()
    WHERE consumer = :consumer AND topic = :topic AND key = :key
""")
