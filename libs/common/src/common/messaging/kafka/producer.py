"""Sending: idempotent, acknowledged by all replicas, one lane per partition, under a timeout of our own."""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTimestampError,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    PolicyViolationError,
    ProducerClosed,
    ProducerFenced,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnsupportedForMessageFormatError,
)
from aiokafka.partitioner import murmur2
from aiokafka.structs import TopicPartition

from common.messaging.log import LogUnavailable, Refusal, TopicNotPermitted, sendable
from common.messaging.written_headers import headers_bytes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

    from common.messaging.kafka.brokers import Brokers
    from common.messaging.log import Message

logger = logging.getLogger(__name__)

Headers = dict[str, bytes]

BATCH_BYTES: Final = 512 * 1024
"""Before compression; brokers take 1 MB."""
_REFUSES_RECORDS: Final = (
    InvalidTimestampError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    UnsupportedForMessageFormatError,
)
"""Answers about a batch that is refused however often it is sent; which record is to blame they do not say."""
_REFUSES_TOPICS: Final = (InvalidTopicError, TopicAuthorizationFailedError)
_LAST_EPOCH: Final = 2**15 - 2
_STOP_WITHIN: Final = 5.0


@lru_cache(maxsize=2**16)
def _hash(key: str) -> int:
    """Hash as Kafka's own clients do, so that a producer that is not ours keeps a key in its partition.

    Remembered, because in plain Python it costs as much as all the rest of sending a message.
    """
    return int(murmur2(key.encode())) & 0x7FFFFFFF


class KafkaProducer:
    """Sends for one relay; after an abort it goes on with a new client and the next epoch of the same identity."""

    def __init__(
        self,
        brokers: Brokers,
        name: str,
        *,
        partitions: Callable[[str], Awaitable[int]],
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; it connects when it sends. ``forget`` makes ``partitions`` ask the brokers again."""
        self._brokers = brokers
        self._name = name
        self._partitions, self._forget = partitions, forget
        self._client: Any = None
        self._closed = False
        self._identity: tuple[int, int] | None = None
        """The producer id and the epoch that the next client writes under."""
        self._logged: type[Exception] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._stopping: set[asyncio.Task[None]] = set()
        self._one_by_one: set[TopicPartition] = set()
        """Where a batch of several was refused: its culprit is found by sending records alone."""
        self._refused: dict[int, Refusal] = {}

    @property
    def refused(self) -> Mapping[int, Refusal]:
        """The records that the log refused in the last send."""
        return self._refused

    async def send(self, messages: Sequence[Message], *, within: float) -> Sequence[int]:
        """Send all and return what was acknowledged: see the seam."""
        acknowledged: list[int] = []
        async with self._one_at_a_time:
            may, self._refused = sendable(messages, headers_bytes)
            try:
                async with asyncio.timeout(within):
                    lanes = await self._lanes(messages, may)
                    client = await self._connected()
                    async with asyncio.TaskGroup() as group:
                        for place, lane in lanes.items():
                            group.create_task(self._send_lane(client, place, lane, messages, may, acknowledged))
            except (TimeoutError, LogUnavailable, KafkaError) as trouble:
                self._log(trouble)
                if isinstance(trouble, TopicNotPermitted):
                    self._refuse_topics(trouble.topics, trouble, messages)
            finally:
                # In an outage aiokafka raises nothing and retries for ever: whatever is left must not linger.
                if len(acknowledged) < len(may):
                    await self.abort()
                    self._forget()  # a topic that is gone is tried until the time is over, as an outage is
                else:
                    self._logged = None
                    self._one_by_one.clear()
        return sorted(acknowledged)

    def _refuse_topics(self, topics: Collection[str], why: Exception, messages: Sequence[Message]) -> None:
        refusal = Refusal(f"{type(why).__name__}: the topic takes nothing from this login", of_topic=True)
        self._refused |= {index: refusal for index, message in enumerate(messages) if message.topic in topics}

    def _log(self, trouble: Exception) -> None:
        """Log what goes wrong once, not at every try."""
        if type(trouble) is not self._logged:
            self._logged = type(trouble)
            logger.warning("%s: Kafka does not acknowledge: %r", self._name, trouble)

    async def _lanes(self, messages: Sequence[Message], may: Iterable[int]) -> dict[TopicPartition, list[int]]:
        counts = {topic: await self._partitions(topic) for topic in {message.topic for message in messages}}
        lanes: dict[TopicPartition, list[int]] = {}
        for index in may:
            message = messages[index]
            number = _hash(message.key) % counts[message.topic]
            lanes.setdefault(TopicPartition(message.topic, number), []).append(index)
        return lanes

    async def _send_lane(
        self,
        client: Any,
        place: TopicPartition,
        lane: Sequence[int],
        messages: Sequence[Message],
        headers: Mapping[int, Headers],
        acknowledged: list[int],
    ) -> None:
        """Send one partition's messages, batch after acknowledged batch: after a refusal nothing follows."""
        start, alone = 0, place in self._one_by_one
        while start < len(lane):
            batch, end = _filled(client.create_batch(), messages, headers, lane, start, alone=alone)
            try:
                await (await client.send_batch(batch, place.topic, partition=place.partition))
            except (ProducerFenced, OutOfOrderSequenceNumber) as lost:
                self._identity = None  # the broker knows better: start over under a new identity
                self._log(lost)
                return
            except _REFUSES_TOPICS as refused:
                self._log(refused)
                self._refuse_topics({place.topic}, refused, messages)
                return
            except _REFUSES_RECORDS as refused:
                # The refused batch has used up its place in the producer's sequence: nothing may follow it.
                self._log(refused)
                self._one_by_one.add(place)
                if end - start == 1:
                    self._refused[lane[start]] = Refusal(type(refused).__name__)
                return
            except KafkaError as refused:
                self._log(refused)
                return
            acknowledged.extend(lane[start:end])
            start = end

    async def _connected(self) -> Any:
        if self._closed:
            message = "this producer is closed"
            raise LogUnavailable(message)
        if self._client is None:
            client = AIOKafkaProducer(
                **self._brokers.client,
                client_id=self._name,
                enable_idempotence=True,
                acks="all",
                compression_type="lz4",
                max_batch_size=BATCH_BYTES,
                request_timeout_ms=10_000,
            )
            self._client = client
            if self._identity is not None:
                # A higher epoch of the same identity shuts out what the client before it had already put on the
                # wire: a broker that hung may read that only now, behind what we send next.
                client._txn_manager.set_pid_and_epoch(*self._identity)  # noqa: SLF001 - aiokafka has no way to say it
            await client.start()
            manager = client._txn_manager  # noqa: SLF001 - see above
            pid, epoch = manager.producer_id, manager.producer_epoch
            self._identity = (pid, epoch + 1) if epoch < _LAST_EPOCH else None
        return self._client

    async def abort(self) -> None:
        """Cut the client's connections; what it still had to send is forgotten, and the next send starts anew."""
        client, self._client = self._client, None
        if client is not None:
            # stop() alone would first deliver everything. These steps run without giving way to any other task.
            sender = client._sender.sender_task  # noqa: SLF001 - aiokafka offers no way to drop what is in flight
            if sender is not None:
                sender.cancel()
            _fail_all(client._message_accumulator)  # noqa: SLF001
            for connection in client.client._conns.values():  # noqa: SLF001
                if connection._writer is not None:  # noqa: SLF001
                    connection._writer.transport.abort()  # noqa: SLF001
            stopping = asyncio.create_task(_stop(client))
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)

    async def close(self) -> None:
        """Release connections."""
        self._closed = True
        await self.abort()
        if self._stopping:
            await asyncio.wait(self._stopping, timeout=_STOP_WITHIN)


def _filled(
    batch: Any,
    messages: Sequence[Message],
    headers: Mapping[int, Headers],
    lane: Sequence[int],
    start: int,
    *,
    alone: bool,
) -> tuple[Any, int]:
    """Fill a batch from ``start`` on, with one record where it is to go alone; return it and where the next begins."""
    end = start
    while end < (start + 1 if alone else len(lane)):
        index = lane[end]
        message = messages[index]
        # The first always fits; None means that the batch is full.
        # Items only now: ten tuples a record, kept for thousands of records, keep the garbage collector at work.
        names = list(headers[index].items())
        if batch.append(timestamp=None, key=message.key.encode(), value=message.value, headers=names) is None:
            break
        end += 1
    batch.close()
    return batch, end


def _fail_all(accumulator: Any) -> None:
    """Give up what has not been acknowledged; nobody waits for it, so nobody would look at how it ended."""
    left = [batch for queue in accumulator._batches.values() for batch in queue]  # noqa: SLF001
    left += accumulator._pending_batches  # noqa: SLF001
    accumulator.fail_all(ProducerClosed())
    for batch in left:
        for ended in (batch.future, batch._drain_waiter):  # noqa: SLF001
            if ended.done() and not ended.cancelled():
                ended.exception()


async def _stop(client: Any) -> None:
    """Let aiokafka tidy up after an abort: errors of what was cut off are no news."""
    for step in (client.stop, client.client.close):
        task = asyncio.ensure_future(step())
        await asyncio.wait({task}, timeout=_STOP_WITHIN)
        if not task.done():
            task.cancel()
        elif not task.cancelled() and task.exception() is not None:
            logger.debug("while stopping an aborted producer: %r", task.exception())
