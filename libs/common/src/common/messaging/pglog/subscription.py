"""Reading: alone, or as a member of a group that shares the partitions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from pydantic_core import from_json

from common.messaging.log import Lag, LogUnavailable, Partition, PartitionLost, Record
from common.messaging.pglog.assignment import PartitionAssignment
from common.messaging.pglog.connection import ReconnectingConnection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from common.messaging.log import Reader
    from common.messaging.pglog.schema import Place

_FETCH: Final = """
    SELECT records.* FROM unnest($1::int[], $2::bigint[]) AS wanted (partition, position)
    CROSS JOIN LATERAL (
        SELECT partition, "offset", key, value, headers, at FROM records
        WHERE partition = wanted.partition AND "offset" >= wanted.position ORDER BY "offset" LIMIT $3
    ) AS records LIMIT $3
    """
_COMMIT: Final = """
    INSERT INTO offsets (group_id, partition, next_offset)
    SELECT $1, * FROM unnest($2::int[], $3::bigint[])
    ON CONFLICT (group_id, partition) DO UPDATE SET next_offset = excluded.next_offset
    """
_LAG: Final = """
    SELECT p.id, p.next_offset - oldest."offset" AS events,
        extract(epoch FROM clock_timestamp() - oldest.at)::float AS seconds
    FROM unnest($1::int[], $2::bigint[]) AS done (partition, upto) JOIN partitions p ON p.id = done.partition
    LEFT JOIN LATERAL (
        SELECT "offset", at FROM records WHERE partition = done.partition AND "offset" >= done.upto
        ORDER BY "offset" LIMIT 1
    ) AS oldest ON true
    """
_FIRST_FROM: Final = """
    SELECT "offset", at FROM records WHERE partition = $1 AND "offset" >= $2 ORDER BY "offset" LIMIT 1
    """


class PostgresSubscription:
    """One member, with a connection of its own that reads, commits, listens and holds the locks."""

    def __init__(self, dsn: str, places: Mapping[str, Place], reader: Reader) -> None:
        """Prepare; ``join`` connects."""
        self._holding = PartitionAssignment(dsn, places, reader)
        self._names = self._holding.names
        self._ids = {name: id_ for id_, name in self._names.items()}
        self._link = self._holding.link
        self._probe = ReconnectingConnection(dsn, "probe")
        self._turn = 0

    async def join(self) -> None:
        """Connect, and enter the group."""
        await self._holding.join()

    async def poll(self, *, limit: int, wait: float) -> Sequence[Record]:
        """Return up to ``limit`` records: see the seam."""
        until = time.monotonic() + wait
        while True:
            await self._holding.rebalance()
            records = await self._fetch(limit)
            left = until - time.monotonic()
            if records or left <= 0:
                return records
            await self._holding.wait_for_wakeup(left)

    async def _fetch(self, limit: int) -> list[Record]:
        positions = self._holding.positions
        ready = sorted(positions.keys() - self._holding.paused)
        if not ready:
            return []
        # Another partition comes first every time: a busy one must not starve the others.
        self._turn = (self._turn + 1) % len(ready)
        ready = ready[self._turn :] + ready[: self._turn]
        wanted = [positions[one] for one in ready]
        async with self._link.acquire() as connection:
            rows = await connection.fetch(_FETCH, ready, wanted, limit)
        records = []
        for id_, offset, key, value, headers, at in rows:
            if id_ in positions:  # else lost meanwhile
                positions[id_] = offset + 1
                topic, number = self._names[id_]
                records.append(
                    Record(
                        topic=topic,
                        partition=number,
                        offset=offset,
                        key=key,
                        value=value,
                        headers=_headers(headers),
                        timestamp=at,
                    )
                )
        return records

    async def commit(self, upto: Mapping[Partition, int]) -> None:
        """Record offsets over the connection that holds the locks: see the seam."""
        if self._holding.membership is None:
            message = "who reads alone has nothing to commit"
            raise RuntimeError(message)
        offsets = {self._ids[place]: offset for place, offset in upto.items()}
        kept = {id_: offset for id_, offset in offsets.items() if id_ in self._holding.positions}
        if kept:
            try:
                await self._holding.run_to_completion(self._write(self._holding.membership.group_id, kept))
            except LogUnavailable:
                await self._refuse_if_reachable(upto)
                raise
        lost = offsets.keys() - kept.keys()
        if lost:
            await self._refuse_if_reachable([self._names[id_] for id_ in lost])

    async def _write(self, group: int, offsets: Mapping[int, int]) -> None:
        async with self._link.acquire(same=True) as connection:
            await connection.execute(_COMMIT, group, list(offsets), list(offsets.values()))
        self._holding.committed |= offsets

    async def _refuse_if_reachable(self, lost: Iterable[Partition]) -> None:
        """Tell a lost membership from a lost server.

        Raises:
            PartitionLost: the server answers, so it is the membership that was lost.
            LogUnavailable: it does not.
        """
        async with self._probe.acquire() as connection:
            await connection.execute("SELECT 1")
        await self._probe.disconnect()
        raise PartitionLost(sorted(lost))

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Deliver nothing of these until ``resume``."""
        self._holding.paused |= {self._ids[place] for place in partitions} & self._holding.positions.keys()

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Deliver again."""
        self._holding.paused -= {self._ids[place] for place in partitions}
        self._holding.wake()

    async def seek(self, partition: Partition, offset: int) -> None:
        """Read from ``offset`` on."""
        if self._ids[partition] not in self._holding.positions:
            raise PartitionLost(partition)
        self._holding.positions[self._ids[partition]] = offset
        self._holding.wake()

    async def offset_at(self, partition: Partition, moment: datetime) -> int:
        """Search by halves: within a partition time never runs backwards."""
        id_ = self._ids[partition]
        async with self._link.acquire() as connection:
            end = high = await connection.fetchval("SELECT next_offset FROM partitions WHERE id = $1", id_)
            low = 0
            while low < high:
                middle = (low + high) // 2
                row = await connection.fetchrow(_FIRST_FROM, id_, middle)
                if row is None or row["at"] >= moment:
                    high = middle
                else:
                    low = row["offset"] + 1
            row = await connection.fetchrow(_FIRST_FROM, id_, low)
        return int(end if row is None else row["offset"])

    def assigned(self) -> frozenset[Partition]:
        """The partitions that this member holds."""
        return frozenset(self._names[id_] for id_ in self._holding.positions)

    async def lag(self) -> Mapping[Partition, Lag]:
        """Measure from the commits, or from the position of who reads alone."""
        async with self._link.acquire() as connection:
            done = self._holding.positions | self._holding.committed
            rows = await connection.fetch(_LAG, list(done), list(done.values()))
        return {self._names[row["id"]]: Lag(row["events"] or 0, max(0.0, row["seconds"] or 0.0)) for row in rows}

    async def close(self) -> None:
        """Leave the group."""
        await self._holding.close()
        await self._probe.close()


def _headers(stored: str) -> dict[str, str]:
    """Read headers as the log has them; of a foreign writer's, what is no text is empty, as on Kafka."""
    try:
        headers = from_json(stored)
    except ValueError:
        return {}
    if not isinstance(headers, dict):
        return {}
    if all(type(value) is str for value in headers.values()):
        return headers
    return {name: value if isinstance(value, str) else "" for name, value in headers.items()}
