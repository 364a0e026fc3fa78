"""What the brokers are asked beside reading and writing: do they answer, and which topics are there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from common.log import LogUnavailable, TopicMismatch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import timedelta

    from common.log import Topic

T = TypeVar("T")

ANSWER_WITHIN: Final = 5.0
"""Seconds."""
_FOR_EVER: Final = "-1"
_THE_BROKERS_OWN: Final = -1
"""As replication factor."""


def milliseconds(span: timedelta) -> int:
    """Express a span in the unit of Kafka's settings."""
    return int(span.total_seconds() * 1000)


class Cluster:
    """An admin client that is made anew after every failure."""

    def __init__(self, bootstrap: str, *, compacted_within: timedelta, tombstones_kept: timedelta) -> None:
        """Prepare; the first question connects."""
        self._bootstrap = bootstrap
        self._lock = asyncio.Lock()
        self._admin: Any = None
        # The time of the log, not the sender's: replay from a moment needs one clock.
        stamped = {"message.timestamp.type": "LogAppendTime"}
        self._events = stamped | {
            "cleanup.policy": "delete",
            "retention.ms": _FOR_EVER,
            "retention.bytes": _FOR_EVER,
        }
        self._states = stamped | {
            "cleanup.policy": "compact",
            "max.compaction.lag.ms": str(milliseconds(compacted_within)),
            "segment.ms": str(milliseconds(compacted_within)),
            "delete.retention.ms": str(milliseconds(tombstones_kept)),
        }

    async def _ask(self, question: Callable[[Any], Awaitable[T]]) -> T:
        async with self._lock:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    if self._admin is None:
                        self._admin = AIOKafkaAdminClient(
                            bootstrap_servers=self._bootstrap, request_timeout_ms=int(ANSWER_WITHIN * 1000)
                        )
                        await self._admin.start()
                    return await question(self._admin)
            except (KafkaError, OSError) as broken:
                await self._forget()
                raise LogUnavailable(str(broken) or type(broken).__name__) from broken

    async def _forget(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            await admin.close()

    async def check(self) -> None:
        """Return when a broker answers."""
        await self._ask(lambda admin: admin.describe_cluster())

    async def partitions(self, topics: Sequence[str], *, led: bool = False) -> dict[str, int]:
        """Count the partitions of those topics that exist; with ``led``, where every one of them has its leader."""
        described: list[dict[str, Any]] = await self._ask(lambda admin: admin.describe_topics(list(topics)))
        return {
            topic["topic"]: len(topic["partitions"])
            for topic in described
            if topic["error_code"] == NoError.errno
            and not (led and any(partition["leader"] < 0 for partition in topic["partitions"]))
        }

    async def create(self, topics: Sequence[Topic]) -> None:
        """Make what is missing and wait until it can be written to; compare what is there."""
        if not topics:
            return
        wanted = [
            NewTopic(
                topic.name,
                topic.partitions,
                _THE_BROKERS_OWN,
                replica_assignments={},
                topic_configs=self._states if topic.compacted else self._events,
            )
            for topic in topics
        ]
        made = await self._ask(lambda admin: admin.create_topics(wanted))
        for name, code, reason in made.topic_errors:
            error = for_code(code)
            if error not in {NoError, TopicAlreadyExistsError}:
                message = f"{name}: {error.__name__} {reason or ''}"
                raise ValueError(message)
        names = [topic.name for topic in topics]
        while len(counts := await self.partitions(names, led=True)) < len(set(names)):  # noqa: ASYNC110 - asked of a broker
            await asyncio.sleep(0.05)  # the brokers tell nobody when the leaders are there
        policies = await self._policies(names)
        for topic in topics:
            there = (counts[topic.name], policies[topic.name] == "compact")
            if there != (topic.partitions, topic.compacted):
                message = f"{topic.name} exists with {there[0]} partitions, compacted: {there[1]}, not as {topic}"
                raise TopicMismatch(message)

    async def _policies(self, topics: Sequence[str]) -> dict[str, str]:
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic, {"cleanup.policy": None}) for topic in topics]
        answers = await self._ask(lambda admin: admin.describe_configs(resources))
        return {resource[3]: resource[4][0][1] for answer in answers for resource in answer.resources}

    async def close(self) -> None:
        """Release connections."""
        async with self._lock:
            await self._forget()
