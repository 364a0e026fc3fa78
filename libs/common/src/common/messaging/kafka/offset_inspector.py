"""Looks into partitions without moving any group: where they end, what was when, how old a record is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer

from common.messaging.kafka.illegible import Fetched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiokafka.structs import TopicPartition

    from common.messaging.kafka.brokers import Brokers


class OffsetInspector:
    """A reader of its own, opened when first needed.

    A consumer's connection is busy with a fetch that waits for records; questions asked over it wait as well.
    """

    def __init__(self, brokers: Brokers) -> None:
        """Prepare."""
        self._brokers = brokers
        self._reader: Any = None

    async def _opened(self) -> Any:
        if self._reader is None:
            reader = AIOKafkaConsumer(**self._brokers.client, group_id=None, max_partition_fetch_bytes=64 * 1024)
            try:
                await reader.start()
            except BaseException:
                await reader.stop()
                raise
            Fetched.take_over(reader)
            self._reader = reader
        return self._reader

    async def ends(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the offset that each partition's next record will get."""
        ends: dict[TopicPartition, int] = await (await self._opened()).end_offsets(places)
        return ends

    async def offset_at(self, place: TopicPartition, stamp: int) -> int:
        """Return the offset of the first record at or after the millisecond ``stamp``, else the end."""
        found = (await (await self._opened()).offsets_for_times({place: stamp}))[place]
        return (await self.ends([place]))[place] if found is None else int(found.offset)

    async def first_from(
        self, wanted: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, Any]:
        """Return each partition's first record at or after the offset; none where all up to the end are gone."""
        reader = await self._opened()
        reader.assign(list(wanted))
        for place, offset in wanted.items():
            reader.seek(place, offset)
        found: dict[TopicPartition, Any] = {}
        open_ = set(wanted)
        while open_:
            batches = await reader.getmany(timeout_ms=100)
            found |= {place: messages[0] for place, messages in batches.items() if place in open_}
            over = {place for place in open_ if place in found or await reader.position(place) >= ends[place]}
            open_ -= over
            reader.pause(*over)
        return found

    async def close(self) -> None:
        """Release connections."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.stop()
