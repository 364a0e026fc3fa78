"""On a compacted topic only the newest value of each key is left, and a removed key is gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from itertools import count

import pytest

from common.messaging.log import EventLog, Producer, Record
from tests.conformance.reading import PATIENCE, by_key, message, send, take, texts

NewTopic = Callable[..., Coroutine[None, None, str]]


async def stored(log: EventLog, producer: Producer, topic: str, nudge: str) -> list[Record]:
    """All that the topic (of one partition) holds, up to a nudge that is sent for this.

    Kafka compacts what has left the active segment, and only an append begins a new segment.
    """
    await send(producer, [message(topic, "nudge", nudge)])
    reader = await log.subscribe([topic], group=None)
    records: list[Record] = []
    while not records or records[-1].value != nudge.encode():
        records += await take(reader, 1)
    await reader.close()
    return [record for record in records if record.key != "nudge"]


async def until_stored(log: EventLog, producer: Producer, topic: str, wanted: dict[str, list[str]]) -> None:
    deadline = time.monotonic() + PATIENCE
    for number in count():
        found = by_key(await stored(log, producer, topic, str(number)))
        if found == wanted:
            return
        if time.monotonic() > deadline:
            pytest.fail(f"still stored: {found}")
        await asyncio.sleep(0.1)


async def test_only_the_newest_value_of_each_key_is_left_and_a_removed_key_is_gone(
    log: EventLog, producer: Producer, new_topic: NewTopic
) -> None:
    """Seen to fail on PostgreSQL without ``_COMPACT``."""
    topic = await new_topic(partitions=1, compacted=True)
    await send(producer, [message(topic, key, f"{key}{n}") for n in range(5) for key in "abc"])
    await send(producer, [message(topic, "a", "a5"), message(topic, "b", "b5"), message(topic, "a", "a6")])
    await send(producer, [message(topic, "b", None), message(topic, "d", None)])
    await send(producer, [message(topic, "d", "again")])
    await until_stored(log, producer, topic, {"a": ["a6"], "c": ["c4"], "d": ["again"]})


async def test_a_tombstone_is_read_before_it_is_gone(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1, compacted=True)
    await send(producer, [message(topic, "a", "here")])
    follower = await log.subscribe([topic], group=group)
    assert texts(await take(follower, 1)) == ["here"]
    await send(producer, [message(topic, "a", None, why="erased")])
    (tombstone,) = await take(follower, 1)
    assert tombstone.value is None
    assert tombstone.headers == {"why": "erased"}


async def test_an_event_topic_keeps_everything(log: EventLog, producer: Producer, new_topic: NewTopic) -> None:
    topic = await new_topic(partitions=1)
    for n in range(5):
        await send(producer, [message(topic, "a", str(n)), message(topic, "a", None)])
    assert len(await stored(log, producer, topic, "x")) == 10


async def test_lag_over_a_gap_that_compaction_left_counts_from_what_is_there(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1, compacted=True)
    await send(producer, [message(topic, "a", str(n)) for n in range(50)])
    await until_stored(log, producer, topic, {"a": ["49"]})
    subscription = await log.subscribe([topic], group=group)
    while not subscription.assigned():
        await subscription.poll(limit=1, wait=0.2)
    (lag,) = (await subscription.lag()).values()
    assert lag.events >= 2
    assert lag.seconds > 0
