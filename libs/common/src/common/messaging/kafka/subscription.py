"""Reading: alone, or as a member of a group that shares the partitions."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import TopicPartition

from common.messaging.kafka.assignment import ANSWER_WITHIN, Batches, PartitionAssignment
from common.messaging.kafka.offset_inspector import OffsetInspector
from common.messaging.kafka.refusals import trouble
from common.messaging.log import Lag, LogUnavailable, Partition, PartitionLost, Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping, Sequence

    from common.messaging.kafka.brokers import Brokers
    from common.messaging.log import Reader

T = TypeVar("T")

_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_GRACE: Final = 0.01
"""Seconds by which aiokafka may come back later than asked."""


class KafkaSubscription:
    """One member; a consumer that broke is replaced by the next poll."""

    def __init__(self, brokers: Brokers, topics: Mapping[str, int], reader: Reader) -> None:
        """Prepare; ``topics`` with their numbers of partitions."""
        self._group, self._from_start = reader.group, reader.from_start
        self._holding = PartitionAssignment(brokers, topics, reader)
        self._peek = OffsetInspector(brokers)
        self._peeking = asyncio.Lock()

    async def join(self) -> None:
        """Connect, and enter the group."""
        await self._holding.join()

    async def poll(self, *, limit: int, wait: float) -> Sequence[Record]:
        """Return up to ``limit`` records: see the seam."""
        until = time.monotonic() + wait
        while True:
            await self._holding.join()
            batches: Batches | None = {}
            try:
                batches = await self._holding.get(limit, max(0.0, until - time.monotonic()) + _GRACE)
            except IllegalStateError:
                pass  # a partition went while it was being asked for
            except (KafkaError, OSError) as broken:
                await self._holding.replace()
                raise trouble(broken) from broken
            if batches or time.monotonic() >= until:
                return [_record(message) for messages in (batches or {}).values() for message in messages]

    async def commit(self, upto: Mapping[Partition, int]) -> None:
        """Record offsets in the present generation of the group: see the seam."""
        if self._group is None:
            message = "who reads alone has nothing to commit"
            raise RuntimeError(message)
        ours = self._holding.ours
        if ours and self._holding.expelled:
            raise PartitionLost(sorted(upto))
        kept = {TopicPartition(*place): offset for place, offset in upto.items() if place in ours}
        if kept:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    await self._holding.consumer.commit(kept)
            except (CommitFailedError, IllegalStateError) as refused:
                raise PartitionLost(sorted(kept)) from refused
            except (KafkaError, OSError) as broken:
                raise trouble(broken) from broken
            self._holding.committed |= kept
        lost = sorted(upto.keys() - kept.keys())
        if lost:
            raise PartitionLost(lost)

    def _own(self, partitions: Iterable[Partition]) -> set[TopicPartition]:
        return {TopicPartition(*place) for place in self._holding.ours.intersection(partitions)}

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Deliver nothing of these until ``resume``."""
        places = self._own(partitions)
        if places:
            self._holding.paused |= places
            self._holding.consumer.pause(*places)

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Deliver again."""
        places = self._own(partitions)
        if places:
            self._holding.paused -= places
            self._holding.consumer.resume(*places)

    async def seek(self, partition: Partition, offset: int) -> None:
        """Read from ``offset`` on."""
        if partition not in self._holding.ours:
            raise PartitionLost(partition)
        self._holding.consumer.seek(TopicPartition(*partition), offset)

    async def offset_at(self, partition: Partition, moment: datetime) -> int:
        """Ask the broker; its timestamps are whole milliseconds."""
        stamp = -((_EPOCH - moment) // _MILLISECOND)  # rounded up
        return await self._answer(self._peek.offset_at(TopicPartition(*partition), max(0, stamp)))

    def assigned(self) -> frozenset[Partition]:
        """The partitions that this member reads."""
        return self._holding.ours

    async def lag(self) -> Mapping[Partition, Lag]:
        """Measure from the commits, or from the position of who reads alone."""
        await self._holding.join()
        return await self._answer(self._lag([TopicPartition(*place) for place in self._holding.ours]))

    async def _lag(self, places: Sequence[TopicPartition]) -> dict[Partition, Lag]:
        if not places:
            return {}
        ends = await self._peek.ends(places)
        done = {place: await self._done(place) for place in places}
        behind = {place: done[place] for place in places if done[place] < ends[place]}
        oldest = await self._peek.first_from(behind, ends) if behind else {}
        now = datetime.now(UTC)
        return {
            Partition(*place): Lag(
                ends[place] - oldest[place].offset,
                max(0.0, (now - _moment(oldest[place].timestamp)).total_seconds()),
            )
            if place in oldest
            else Lag(0, 0.0)
            for place in places
        }

    async def _done(self, place: TopicPartition) -> int:
        """Return the first offset of a partition that counts as open."""
        consumer, committed = self._holding.consumer, self._holding.committed
        if consumer is None:
            raise LogUnavailable("the consumer is not started")  # a poll that failed meanwhile replaces it
        if self._group is None:
            return int(await consumer.position(place))
        if place not in committed:
            found = await consumer.committed(place)
            if found is None:
                return 0 if self._from_start else int(await consumer.position(place))
            committed[place] = found
        return committed[place]

    async def _answer(self, question: Awaitable[T]) -> T:
        try:
            # One at a time: all questions go through one reader.
            async with self._peeking, asyncio.timeout(ANSWER_WITHIN):
                return await question
        except (KafkaError, OSError) as broken:
            raise trouble(broken) from broken

    async def close(self) -> None:
        """Leave the group."""
        await self._holding.close()
        async with self._peeking:
            await self._peek.close()


def _moment(stamp: int) -> datetime:
    return _EPOCH + stamp * _MILLISECOND


def _text(data: bytes | None) -> str:
    """Decode what a foreign producer may have sent: a record that can't be read must not stop its partition."""
    return (data or b"").decode(errors="replace")


def _record(message: Any) -> Record:
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=_text(message.key),
        value=message.value,
        headers={name: _text(data) for name, data in message.headers},
        timestamp=_moment(message.timestamp),
    )
