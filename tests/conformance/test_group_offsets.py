"""Where a group stands, and where it is to begin, without joining it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from common.messaging.log import EventLog, Message, Offsets, Partition, Producer, Record

NewTopic = Callable[..., Coroutine[None, None, str]]


async def _send(producer: Producer, topic: str, count: int) -> None:
    messages = [Message(topic=topic, key="k", value=b"%d" % number) for number in range(count)]
    assert len(await producer.send(messages, within=20)) == count


async def test_a_group_that_has_committed_nothing_stands_nowhere(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=2)
    await _send(producer, topic, 3)
    offsets = await log.offsets(group, [topic])
    assert sorted(offsets) == [Partition(topic, 0), Partition(topic, 1)]
    assert sorted(offsets.values()) == [Offsets(None, 0, 0), Offsets(None, 0, 3)]


async def test_a_group_stands_where_it_has_committed_to(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1)
    await _send(producer, topic, 3)
    member = await log.subscribe([topic], group=group)
    while not await member.poll(limit=10, wait=0.5):
        pass
    await member.commit({Partition(topic, 0): 2})
    assert await log.offsets(group, [topic]) == {Partition(topic, 0): Offsets(2, 0, 3)}
    await member.close()


async def test_a_group_begins_where_it_was_set_to(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1)
    await _send(producer, topic, 3)
    await log.set_offsets(group, {Partition(topic, 0): 2})
    member = await log.subscribe([topic], group=group)
    records: list[Record] = []
    while not records:
        records = list(await member.poll(limit=10, wait=0.5))
    assert [record.value for record in records] == [b"2"]
    await member.close()
