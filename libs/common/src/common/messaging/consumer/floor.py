"""The inbox's floor: what was made before it was handled, and its inbox rows are purged (ADR 0022).

Events have UUIDv7 ids: they say when they were made. The purge removes exactly the rows whose event was made before the
floor, so a delivery is either known to the inbox, or made after the floor, or refused here: never handled twice. The
floor follows what the consumer has read and not the clock: a consumer that stood still, and one that begins, refuse
nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import RFC_4122, UUID

from sqlalchemy import text

from common.decision import MissingDependency
from common.messaging.consumer import parking
from common.messaging.log import Lag, Partition, Record
from common.persistence.terms import CHUNK, Purge, term

if TYPE_CHECKING:
    from common.envelope import Envelope
    from common.persistence.transaction import Tx

TERM: Final = "retention.inbox"
LEAST: Final = timedelta(days=1)
"""The inbox remembers at least so long, whatever the policy says."""
_RECENT: Final = LEAST / 2
"""What is younger is never below a floor, machines' clocks being as they are: nothing has to be asked."""
REASON: Final = (
    "It was made before the oldest event that this consumer still remembers: it was delivered again, or came to the"
    " log very late. Discard it where its effect is there already; redrive it where it is not."
)

Places = Callable[[], Awaitable[Collection[Partition]]]


def made_at(event_id: UUID) -> int | None:
    """Return when an event was made, in milliseconds since 1970; None where its id does not say so."""
    return event_id.int >> 80 if event_id.version == 7 and event_id.variant == RFC_4122 else None  # noqa: PLR2004 - UUIDv7


async def note(tx: Tx, consumer: str, lags: Mapping[Partition, Lag]) -> None:
    """Note until which moment this member has handled each of its partitions."""
    if not lags:
        return
    places = sorted(lags)
    about = {
        "consumer": consumer,
        "topics": [place.topic for place in places],
        "partitions": [place.number for place in places],
        "behind": [lags[place].seconds if lags[place].events else 0.0 for place in places],
    }
    await tx.execute(_NOTE, about)


def purge_of(consumer: str, places: Places) -> Purge:
    """Make the purge of a consumer's inbox; ``places`` returns every partition of the topics that it follows."""

    async def forget(tx: Tx) -> int:
        window = await term(tx, TERM)
        return 0 if window is None else await purge(tx, consumer, await places(), window)

    return Purge(table="inbox", policy=TERM, forget=forget, part=consumer)


async def purge(tx: Tx, consumer: str, places: Collection[Partition], window: timedelta) -> int:
    """Raise the floor to ``window`` before what the consumer has read, and remove a chunk of what lies below.

    Raises:
        MissingDependency: a partition was not read yet, so nothing is known to be handled.
    """
    follows = {
        "consumer": consumer,
        "topics": [place.topic for place in places],
        "partitions": [place.number for place in places],
    }
    read = (await tx.execute(_READ, follows)).one()
    if read.places < len(places) or read.reached is None:
        raise MissingDependency(f"progress/{consumer}")
    floor: datetime = read.reached - max(window, LEAST)
    # In this transaction, before the rows go: whoever finds one gone finds the floor.
    await tx.execute(_RAISE, follows | {"floor": floor})
    below = {"consumer": consumer, "below": UUID(int=_milliseconds(floor) << 80), "chunk": CHUNK}
    return (await tx.execute(_PURGE, below)).rowcount


async def refused(tx: Tx, consumer: str, fresh: Iterable[tuple[Record, Envelope | None]]) -> set[UUID]:
    """Return which of these events, new to the inbox, were made before the floor of their topic.

    Call it after they were entered into the inbox: a purge that removed their rows has then committed its floor.
    """
    recent = _milliseconds(tx.real_now - _RECENT)
    old = [
        (record.topic, envelope.id, made)
        for record, envelope in fresh
        if envelope is not None and (made := made_at(envelope.id)) is not None and made < recent
    ]
    if not old:
        return set()
    rows = await tx.execute(_FLOORS, {"consumer": consumer})
    floors = {row.topic: _milliseconds(row.floor) for row in rows}
    return {id_ for topic, id_, made in old if made < floors.get(topic, 0)}


async def set_aside(tx: Tx, consumer: str, record: Record) -> None:
    """Park an event that was refused under a key of its own: what comes after it in its key is not held up."""
    spot = {"consumer": consumer, "topic": record.topic, "partition": record.partition, "offset": record.offset}
    if (await tx.execute(_PARKED, spot)).first() is None:
        again = replace(record, key=f"{parking.AGAIN}{record.key}")
        await parking.park(tx, consumer, again, parking.Stop(why="failed", reason=REASON))


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


_FOLLOWED: Final = "(topic, partition) IN (SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])))"
_NOTE: Final = text("""
    INSERT INTO progress (consumer, topic, partition, reached)
    SELECT :consumer, topic, partition, clock_timestamp() - make_interval(secs => behind)
    FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:behind AS float8[]))
        AS read (topic, partition, behind)
    ORDER BY topic, partition
    ON CONFLICT (consumer, topic, partition) DO UPDATE SET reached = excluded.reached
""")
_READ: Final = text(f"""
    SELECT count(*) AS places, min(reached) AS reached FROM progress WHERE consumer = :consumer AND {_FOLLOWED}
""")  # noqa: S608 - our own names
_RAISE: Final = text(f"""
    UPDATE progress SET floor = :floor
    WHERE consumer = :consumer AND {_FOLLOWED} AND (floor IS NULL OR floor < :floor)
""")  # noqa: S608 - our own names
_FLOORS: Final = text("""
    SELECT topic, max(floor) AS floor FROM progress WHERE consumer = :consumer AND floor IS NOT NULL GROUP BY topic
""")
# The primary key is (consumer, source, event_id): of each source the oldest come first, and nothing else is read.
_PURGE: Final = text("""
    WITH RECURSIVE sources AS (
        (SELECT source FROM inbox WHERE consumer = :consumer ORDER BY source LIMIT 1)
        UNION ALL
        SELECT (SELECT i.source FROM inbox i WHERE i.consumer = :consumer AND i.source > s.source
                ORDER BY i.source LIMIT 1)
        FROM sources s WHERE s.source IS NOT NULL
    ), old AS (
        SELECT of_source.source, of_source.event_id FROM sources s CROSS JOIN LATERAL (
            SELECT i.source, i.event_id FROM inbox i
            WHERE i.consumer = :consumer AND i.source = s.source AND i.event_id < :below
              AND get_byte(uuid_send(i.event_id), 6) >> 4 = 7
            ORDER BY i.event_id LIMIT :chunk
        ) AS of_source LIMIT :chunk
    )
    DELETE FROM inbox USING old
    WHERE inbox.consumer = :consumer AND inbox.source = old.source AND inbox.event_id = old.event_id
""")
_PARKED: Final = text("""
    SELECT 1 FROM parked_events
    WHERE consumer = :consumer AND topic = :topic AND partition = :partition AND "offset" = :offset
""")
