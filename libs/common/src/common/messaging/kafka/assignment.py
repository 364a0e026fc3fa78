"""A reader's assignment: its consumer, its partitions, and how they change hands in a rebalance."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from common.messaging.kafka.cluster import milliseconds
from common.messaging.kafka.fetching import AdaptiveFetcher
from common.messaging.kafka.illegible import Fetched
from common.messaging.kafka.refusals import trouble_connecting
from common.messaging.log import LogUnavailable, Partition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from common.messaging.kafka.brokers import Brokers
    from common.messaging.log import Reader

logger = logging.getLogger(__name__)

Batches = dict[TopicPartition, list[Any]]

ANSWER_WITHIN: Final = 5.0
"""Seconds; aiokafka itself would retry for ever."""
HUNG_MS: Final = 5 * 60 * 1000
"""Without a poll for so long a member leaves, even where nobody waits for its partitions."""
_STOP_WITHIN: Final = 5.0
_NO_GENERATION: Final = -1


class PartitionAssignment:
    """A consumer that is replaced when it breaks, and that rebalances only while the caller has no batch in hand."""

    def __init__(self, brokers: Brokers, topics: Mapping[str, int], reader: Reader) -> None:
        """Prepare; ``topics`` with their numbers of partitions."""
        self.consumer: Any = None
        self.committed: dict[TopicPartition, int] = {}
        self.paused: set[TopicPartition] = set()
        self._brokers = brokers
        self._topics = topics
        self._group, self._from_start, session, patience = reader
        self._settings = {
            **brokers.client,
            "client_id": reader.group or "reader",
            "group_id": reader.group,
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest" if reader.from_start else "latest",
            "session_timeout_ms": milliseconds(session),
            "heartbeat_interval_ms": milliseconds(session) // 4,
            "rebalance_timeout_ms": milliseconds(patience),
            # A rebalance is one long request.
            "request_timeout_ms": milliseconds(patience) + int(ANSWER_WITHIN * 1000),
            "max_poll_interval_ms": HUNG_MS,
        }
        self._closed = False
        self._starting = asyncio.Lock()
        self._getting: asyncio.Task[Batches] | None = None
        self._between = asyncio.Event()
        """Set while the caller has no batch in hand."""
        self._between.set()
        self._unpinned: set[TopicPartition] = set()

    async def join(self) -> None:
        """Start a consumer where there is none, and enter the group."""
        # The loops that read and measure ask at once: of two consumers one would never be closed.
        async with self._starting:
            self._check_open()
            if self.consumer is None:
                self._enter(await self._started())

    def _check_open(self) -> None:
        if self._closed:
            raise LogUnavailable("this subscription is closed")

    async def _started(self) -> Any:
        consumer = AIOKafkaConsumer(**self._settings)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await consumer.start()
            self._check_open()
        except BaseException as broken:
            await consumer.stop()
            if isinstance(broken, KafkaError | OSError):
                raise await trouble_connecting(self._brokers, broken) from broken
            raise
        return consumer

    def _enter(self, consumer: Any) -> None:
        AdaptiveFetcher.take_over(consumer)
        Fetched.take_over(consumer)
        self.consumer = consumer
        if self._group is None:
            consumer.assign(
                [TopicPartition(topic, one) for topic, count in self._topics.items() for one in range(count)]
            )
        else:
            consumer.subscribe(list(self._topics), listener=_Listener(self))

    @property
    def ours(self) -> frozenset[Partition]:
        """The partitions that this reader has."""
        if self.consumer is None:
            return frozenset()
        return frozenset(Partition(*place) for place in self.consumer.assignment())

    @property
    def expelled(self) -> bool:
        """Whether the group has gone on without us.

        A broker takes the commit of a member without a generation where the group has no members, whoever had
        the partition meanwhile.
        """
        generation = self.consumer._coordinator.generation  # noqa: SLF001 - aiokafka tells it nowhere else
        return bool(generation == _NO_GENERATION)

    # What the group decides

    async def revoked(self) -> None:
        """Wait until the caller's batch is done; the heartbeat goes on meanwhile, and commits are still taken.

        The broker waits as well, but only as long as its patience was set to: then we are expelled.
        """
        await self._between.wait()

    def given(self, partitions: Iterable[TopicPartition]) -> None:
        """Take over what the group gave us; a pause outlives the hand-over where the partition stayed."""
        self.committed.clear()
        self._unpinned = set() if self._from_start else set(partitions)
        self.paused.intersection_update(partitions)
        self.consumer.pause(*self.paused)

    # Between batches

    async def get(self, limit: int, wait: float) -> Batches | None:
        """Return what came within ``wait`` seconds; None while a rebalance goes on.

        Whoever calls has no batch in hand.
        """
        if self._getting is None:
            self._between.set()
            self._getting = asyncio.create_task(self._get(self.consumer, limit, wait))
        # Never cancelled: what it took from the consumer would be lost. In a rebalance it may outlast the wait.
        await asyncio.wait({self._getting}, timeout=wait)
        if self._getting is None or not self._getting.done():
            return None
        getting, self._getting = self._getting, None
        return getting.result()

    async def _get(self, consumer: Any, limit: int, wait: float) -> Batches:
        await self._pin(consumer, {})
        batches: Batches = await consumer.getmany(timeout_ms=int(wait * 1000), max_records=limit)
        if batches:
            # In the same breath as they were taken: no rebalance comes in between.
            self._between.clear()
            await self._pin(consumer, batches)
        return batches

    async def _pin(self, consumer: Any, batches: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """Commit the end as the start, once: a hand-over before the first commit must skip nothing."""
        async with asyncio.timeout(ANSWER_WITHIN):
            while self._unpinned:
                place = next(iter(self._unpinned))
                if await consumer.committed(place) is None:
                    start = batches[place][0].offset if place in batches else await consumer.position(place)
                    await consumer.commit({place: start})
                self._unpinned.discard(place)

    # The end

    async def replace(self) -> None:
        """Leave with this consumer, without waiting for a broker that does not answer; the next poll makes another."""
        consumer, self.consumer = self.consumer, None
        getting, self._getting = self._getting, None
        self._between.set()
        if consumer is not None:
            stopping = asyncio.ensure_future(consumer.stop())
            await asyncio.wait({stopping}, timeout=_STOP_WITHIN)
            if not stopping.done():
                stopping.cancel()
            elif not stopping.cancelled() and stopping.exception() is not None:
                logger.warning("while leaving the group: %r", stopping.exception())
        if getting is not None:
            getting.cancel()
            await asyncio.wait({getting})

    async def close(self) -> None:
        """Leave the group."""
        self._closed = True
        await self.replace()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    """Passes on what the group decides."""

    def __init__(self, assignment: PartitionAssignment) -> None:
        self._assignment = assignment

    async def on_partitions_revoked(self, _revoked: Iterable[TopicPartition]) -> None:
        await self._assignment.revoked()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._assignment.given(assigned)
