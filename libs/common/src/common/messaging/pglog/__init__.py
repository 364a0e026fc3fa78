"""The event log on PostgreSQL: partitions, keys, groups, replay and compaction in a database of its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import asyncpg

from common.messaging.log import Offsets, Partition, Purged, Reader
from common.messaging.pglog import grants, schema
from common.messaging.pglog.connection import ReconnectingConnection
from common.messaging.pglog.group import number_of
from common.messaging.pglog.producer import PostgresProducer
from common.messaging.pglog.subscription import PostgresSubscription

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from common.messaging.log import Topic
    from common.messaging.rights import ServiceLogin

SESSION: Final = timedelta(seconds=10)
"""After so long without a heartbeat a member is hung and loses its partitions."""
PATIENCE: Final = timedelta(minutes=5)
"""Without a poll for so long a member counts as hung, however alive its heartbeat."""
TOMBSTONES_KEPT: Final = timedelta(days=7)
"""A reader that is away for longer may miss that a key was removed."""

_OFFSETS: Final = """
    SELECT p.topic, p.number, o.next_offset,
           coalesce((SELECT "offset" FROM records WHERE partition = p.id ORDER BY "offset" LIMIT 1), p.next_offset),
           p.next_offset
    FROM partitions p
    LEFT JOIN groups g ON g.name = $1 LEFT JOIN offsets o ON o.group_id = g.id AND o.partition = p.id
    WHERE p.id = ANY($2)
    """
_SET_OFFSETS: Final = """
    INSERT INTO offsets (group_id, partition, next_offset) SELECT $1, * FROM unnest($2::int[], $3::bigint[])
    ON CONFLICT (group_id, partition) DO UPDATE SET next_offset = excluded.next_offset
    """


class PostgresLog:
    """An ``EventLog``; see ``common.messaging.log``. Needs PostgreSQL 15 or newer and the right to make a schema."""

    def __init__(
        self,
        dsn: str,
        *,
        session: timedelta = SESSION,
        patience: timedelta = PATIENCE,
        tombstones_kept: timedelta = TOMBSTONES_KEPT,
    ) -> None:
        """Prepare a log in the database at ``dsn`` (``postgresql://…``)."""
        self._dsn = dsn
        self._session = session
        self._patience = patience
        self._tombstones_kept = tombstones_kept
        self._control = ReconnectingConnection(dsn, "eventlog")
        self._places: dict[str, schema.Place] = {}
        self._opened: set[PostgresProducer | PostgresSubscription] = set()

    async def stop(self) -> None:
        """Close everything that was opened through this object."""
        await asyncio.gather(*(one.close() for one in self._opened))
        self._opened.clear()
        await self._control.disconnect()

    async def check(self) -> None:
        """Return when the log answers."""
        async with self._control.acquire() as connection:
            await connection.execute("SELECT 1")

    async def create_topics(self, topics: Iterable[Topic]) -> None:
        """Make or bring up to date the tables, then the topics that are missing."""
        async with self._control.acquire() as connection:
            await schema.migrate(connection)
            await schema.create(connection, topics)

    async def grant(self, logins: Sequence[ServiceLogin], *, reset_passwords: bool = False) -> Sequence[str]:
        """Make the services' roles and policies; see ``common.messaging.pglog.grants``."""
        async with self._control.acquire() as connection:
            return await grants.grant(connection, logins, reset_passwords=reset_passwords)

    async def purge(self, topic: str, keep: timedelta | None, *, at_most: int) -> Purged:
        """Remove events past their term: see the seam."""
        if keep is None:
            return Purged()
        async with self._control.acquire() as connection:
            try:
                row = await connection.fetchrow("SELECT * FROM purge($1, $2, $3)", topic, keep, at_most)
            except asyncpg.InvalidParameterValueError as refused:
                raise ValueError(str(refused)) from refused
        return Purged(removed=row["removed"], held_by=tuple(row["held_by"])) if row else Purged()

    async def partitions(self, topic: str) -> int:
        """Return the number of partitions of a topic."""
        return len((await self._place(topic)).ids)

    async def offsets(self, group: str, topics: Sequence[str]) -> Mapping[Partition, Offsets]:
        """Return where a group stands in every partition of these topics."""
        ids = [id_ for topic in topics for id_ in (await self._place(topic)).ids]
        async with self._control.acquire() as connection:
            rows = await connection.fetch(_OFFSETS, group, ids)
        return {Partition(topic, number): Offsets(*found) for topic, number, *found in rows}

    async def set_offsets(self, group: str, offsets: Mapping[Partition, int]) -> None:
        """Have a group begin at these offsets."""
        ids = [(await self._place(place.topic)).ids[place.number] for place in offsets]
        async with self._control.acquire() as connection, connection.transaction():
            await connection.execute(_SET_OFFSETS, await number_of(connection, group), ids, list(offsets.values()))

    async def _place(self, topic: str) -> schema.Place:
        # Kept for ever: a topic never changes once it was made.
        if topic not in self._places:
            async with self._control.acquire() as connection:
                self._places[topic] = await schema.place_of(connection, topic)
        return self._places[topic]

    async def producer(self, name: str) -> PostgresProducer:
        """Open a producer."""
        producer = PostgresProducer(self._dsn, name, places=self._place, tombstones_kept=self._tombstones_kept)
        self._opened.add(producer)
        return producer

    async def subscribe(
        self, topics: Sequence[str], *, group: str | None, from_start: bool = True
    ) -> PostgresSubscription:
        """Join ``group``, or read alone."""
        places = {topic: await self._place(topic) for topic in topics}
        reader = Reader(group, from_start, self._session, self._patience)
        subscription = PostgresSubscription(self._dsn, places, reader)
        self._opened.add(subscription)
        await subscription.join()
        return subscription
