"""A reader's assignment: its connection, its partitions, and how they change hands in a rebalance."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from common.messaging.log import LogUnavailable, Partition
from common.messaging.pglog.connection import ReconnectingConnection, pairs
from common.messaging.pglog.group import Membership
from common.messaging.pglog.schema import CHANNEL, Place

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping

    from common.messaging.log import Reader
    from common.messaging.pglog.connection import Connection

T = TypeVar("T")

TICK: Final = 1.0
"""Seconds between looks at the log and at the group where no notification came."""
RETRY: Final = 0.05
"""Seconds between tries for a partition that its last owner has not let go yet."""

# A group that starts at the end starts there once: a hand-over before its first commit must skip nothing.
_START: Final = """
    INSERT INTO offsets (group_id, partition, next_offset)
    SELECT $1, id, CASE WHEN $3 THEN 0 ELSE next_offset END FROM partitions WHERE id = ANY($2)
    ON CONFLICT DO NOTHING
    """
_COMMITTED: Final = "SELECT partition, next_offset FROM offsets WHERE group_id = $1 AND partition = ANY($2)"
_ENDS: Final = "SELECT id, CASE WHEN $2 THEN 0 ELSE next_offset END FROM partitions WHERE id = ANY($1)"


class PartitionAssignment:
    """The partitions of one reader: all of them where it reads alone, else its share of the group's."""

    def __init__(self, dsn: str, places: Mapping[str, Place], reader: Reader) -> None:
        """Prepare; ``join`` connects."""
        group, self._from_start, session, patience = reader
        self.names = {
            id_: Partition(topic, number) for topic, place in places.items() for number, id_ in enumerate(place.ids)
        }
        self.positions: dict[int, int] = {}
        """What is held, and where it is read from."""
        self.committed: dict[int, int] = {}
        self.paused: set[int] = set()
        self.membership = (
            Membership(group, {id_: name.topic for id_, name in self.names.items()}, session) if group else None
        )
        # A crash of the server may take back the latest commits of offsets: that is a redelivery, not a loss.
        self.link = ReconnectingConnection(
            *(dsn, group or "reader"),
            settings={"synchronous_commit": "off"},
            on_open=self._opened,
            on_loss=self._lost,
        )
        self._wanted: frozenset[int] = frozenset()
        self._topics = {f"t:{topic}" for topic in places}
        self._group = f"g:{group}"
        self._tick = min(TICK, session.total_seconds() / 4)
        self._patience = patience.total_seconds()
        self._polled = time.monotonic()
        self._wake = asyncio.Event()
        self._group_changed = asyncio.Event()
        self._heart = asyncio.create_task(self._heartbeats()) if self.membership else None

    async def join(self) -> None:
        """Connect, and enter the group."""
        async with self.link.acquire():
            pass

    async def _opened(self, connection: Connection) -> None:
        await connection.add_listener(CHANNEL, self._on_notify)
        if self.membership is not None:
            await self.membership.join(connection)
            self._wanted = await self.membership.heartbeat(connection)
        elif not self.positions:
            self.positions = pairs(await connection.fetch(_ENDS, list(self.names), self._from_start))

    def _lost(self) -> None:
        if self.membership is not None:
            # The locks went with the connection: from here on nothing of it is ours.
            self._wanted = frozenset()
            self._drop(list(self.positions))
        self._wake.set()

    def _drop(self, partitions: Iterable[int]) -> None:
        for partition in partitions:
            self.positions.pop(partition, None)
            self.committed.pop(partition, None)
            self.paused.discard(partition)

    def _on_notify(self, _connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        if payload in self._topics:
            self._wake.set()
        elif payload == self._group:
            self._group_changed.set()

    async def run_to_completion(self, work: Coroutine[Any, Any, T]) -> T:
        """Finish ``work`` even where the caller is cancelled: half a hand-over would leave a lock behind."""
        task = asyncio.ensure_future(work)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    # Between batches

    @property
    def _balanced(self) -> bool:
        return self.membership is None or self._wanted == self.positions.keys()

    async def rebalance(self) -> None:
        """Let go of what others should have and take what is ours; whoever calls has no batch in hand."""
        self._polled = time.monotonic()
        self._wake.clear()
        await self.run_to_completion(self._rebalance())

    async def _rebalance(self) -> None:
        async with self.link.acquire() as connection:
            if self.membership is None or self._balanced:
                return
            surplus = self.positions.keys() - self._wanted
            if surplus:
                self._drop(surplus)
                await self.membership.release(connection, surplus)
            lacking = self._wanted - self.positions.keys()
            taken = await self.membership.acquire(connection, lacking) if lacking else []
            if taken:
                group = self.membership.group_id
                await connection.execute(_START, group, taken, self._from_start)
                # Read after the lock was obtained: what its last owner committed is in it.
                committed = pairs(await connection.fetch(_COMMITTED, group, taken))
                self.committed |= committed
                self.positions |= committed

    def wake(self) -> None:
        """Let whoever waits look again."""
        self._wake.set()

    async def wait_for_wakeup(self, wait: float) -> None:
        """Return after ``wait`` seconds, or sooner where it is worth to look again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(wait, TICK if self._balanced else RETRY)):
                await self._wake.wait()

    # Beside the batches

    async def _heartbeats(self) -> None:
        """Keep the membership alive while the caller works on its batch; hand nothing over here."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._tick):
                    await self._group_changed.wait()
            self._group_changed.clear()
            if time.monotonic() - self._polled > self._patience:
                self.link.abort()
            if self.link.is_open:  # else the next poll joins again
                with suppress(LogUnavailable):
                    await self.run_to_completion(self._heartbeat())

    async def _heartbeat(self) -> None:
        if self.membership is not None:
            try:
                async with self.link.acquire(same=True) as connection:
                    self._wanted = await self.membership.heartbeat(connection)
            except LogUnavailable:
                self.link.abort()  # also where the group gave us up: our locks must not stay behind
                raise
            if not self._balanced:
                self._wake.set()

    async def close(self) -> None:
        """Leave the group."""
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.wait({self._heart})
        if self.membership is not None and self.link.is_open:
            with suppress(LogUnavailable):
                async with self.link.acquire(same=True) as connection:
                    await self.membership.leave(connection)
        await self.link.close()
