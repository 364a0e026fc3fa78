"""Where a group stands, seen and set without joining it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from common.messaging.kafka.refusals import trouble_connecting
from common.messaging.log import Offsets, Partition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from common.messaging.kafka.brokers import Brokers

T = TypeVar("T")

ANSWER_WITHIN: Final = 30.0
"""Seconds; a group's coordinator may have to be found first."""


class GroupOffsets:
    """A client that knows the group's name and is no member."""

    def __init__(self, brokers: Brokers, group: str, places: Sequence[Partition]) -> None:
        """Prepare; entered, it connects."""
        self._brokers = brokers
        self._places = [TopicPartition(*place) for place in places]
        self._client: Any = AIOKafkaConsumer(**brokers.client, group_id=group, enable_auto_commit=False)

    async def __aenter__(self) -> Self:
        """Connect."""
        try:
            await self._answer(self._client.start())
        except BaseException:
            await self._client.stop()
            raise
        self._client.assign(self._places)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Release connections."""
        await self._client.stop()

    async def read(self) -> dict[Partition, Offsets]:
        """Return where the group stands, where each partition begins and where it ends."""
        # First: what it commits meanwhile lies before the ends.
        committed = {place: await self._answer(self._client.committed(place)) for place in self._places}
        firsts = await self._answer(self._client.beginning_offsets(self._places))
        ends = await self._answer(self._client.end_offsets(self._places))
        return {Partition(*place): Offsets(committed[place], firsts[place], ends[place]) for place in self._places}

    async def write(self, offsets: Mapping[Partition, int]) -> None:
        """Have the group begin there."""
        await self._answer(self._client.commit({TopicPartition(*place): offset for place, offset in offsets.items()}))

    async def _answer(self, question: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await question
        # A broker that is starting names no broker, which aiokafka takes for its own mistake.
        except (KafkaError, OSError, AssertionError) as broken:
            raise await trouble_connecting(self._brokers, broken) from broken
