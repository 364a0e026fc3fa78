"""What is written is read: order, headers, batches, replay, pauses and lag, on both logs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from common.messaging.log import EventLog, Lag, Partition, PartitionLost, Producer, Topic, TopicMismatch, UnknownTopic
from tests.conformance.reading import after, by_key, message, send, take, texts

NewTopic = Callable[..., Coroutine[None, None, str]]


async def test_records_of_one_key_are_read_in_the_order_they_were_sent(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic()
    for start in range(0, 300, 60):
        await send(producer, [message(topic, f"key-{n % 7}", str(n)) for n in range(start, start + 60)])
    records = await take(await log.subscribe([topic], group=group), 300)
    assert by_key(records) == {f"key-{k}": [str(n) for n in range(300) if n % 7 == k] for k in range(7)}
    places = {record.key: record.place for record in records}
    assert all(record.place == places[record.key] for record in records)
    assert len(set(places.values())) > 1


async def test_headers_and_values_arrive_as_they_were_sent(
    log: EventLog, producer: Producer, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=1)
    headers = {"ce_type": "nl.x.v1", "naam": "Zoë Ĳsbrandtsz — «techniek» 🔧", "empty": "", 'q"uote': "a\\b\n"}
    before = datetime.now(UTC)
    await send(producer, [message(topic, "sleutel-é", "waarde ✓", **headers), message(topic, "k", "")])
    full, empty = await take(await log.subscribe([topic], group=None), 2)
    assert (full.key, full.value, dict(full.headers)) == ("sleutel-é", "waarde ✓".encode(), headers)
    assert (empty.value, dict(empty.headers)) == (b"", {})
    assert full.timestamp.tzinfo is not None
    assert abs(full.timestamp - before) < timedelta(minutes=1)
    assert (full.place, full.offset, empty.offset) == (Partition(topic, 0), 0, 1)


async def test_an_empty_batch_is_acknowledged_as_nothing(producer: Producer) -> None:
    assert list(await producer.send([], within=5)) == []


async def test_ten_thousand_records_arrive_once_and_in_order(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=6)
    sent = [message(topic, f"key-{n % 100}", str(n), n=str(n)) for n in range(10_000)]
    assert list(await producer.send(sent, within=30)) == list(range(10_000))
    records = await take(await log.subscribe([topic], group=group), 10_000, limit=1000)
    assert by_key(records) == {f"key-{k}": [str(n) for n in range(k, 10_000, 100)] for k in range(100)}


async def test_a_large_record_arrives(log: EventLog, producer: Producer, new_topic: NewTopic) -> None:
    topic = await new_topic(partitions=1)
    text = "é" * 300_000
    await send(producer, [message(topic, "k", text), message(topic, "k", text), message(topic, "k", "small")])
    assert texts(await take(await log.subscribe([topic], group=None), 3)) == [text, text, "small"]


async def test_a_poll_returns_no_more_than_asked_and_no_partition_starves(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=3)
    await send(producer, [message(topic, f"key-{n}", str(n)) for n in range(600)])
    subscription = await log.subscribe([topic], group=group)
    first = await take(subscription, 1, limit=10)
    assert 1 <= len(first) <= 10
    served = {record.place for record in first}
    while len(served) < 3:
        batch = await subscription.poll(limit=200, wait=5)
        assert 1 <= len(batch) <= 200
        served |= {record.place for record in batch}


async def test_an_empty_log_is_read_as_an_empty_batch(log: EventLog, new_topic: NewTopic, group: str) -> None:
    subscription = await log.subscribe([await new_topic()], group=group)
    assert list(await subscription.poll(limit=10, wait=0.1)) == []
    assert list(await subscription.poll(limit=10, wait=0)) == []


async def test_a_poll_that_waits_is_woken_by_a_record(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic()
    subscription = await log.subscribe([topic], group=group)
    while not subscription.assigned():
        await subscription.poll(limit=1, wait=0.2)
    waiting = asyncio.create_task(subscription.poll(limit=10, wait=30))
    await asyncio.sleep(0.1)
    await send(producer, [message(topic, "k", "hello")])
    assert texts(await waiting) == ["hello"]


async def test_a_poll_that_is_cancelled_loses_nothing(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1)
    subscription = await log.subscribe([topic], group=group)
    for _ in range(5):
        waiting = asyncio.create_task(subscription.poll(limit=10, wait=30))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await send(producer, [message(topic, "k", str(n)) for n in range(3)])
    assert texts(await take(subscription, 3)) == ["0", "1", "2"]
    await subscription.commit({Partition(topic, 0): 3})


async def test_a_group_reads_on_from_its_commit_and_another_from_the_beginning(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic()
    await send(producer, [message(topic, f"key-{n}", str(n)) for n in range(20)])
    first = await log.subscribe([topic], group=group)
    read = await take(first, 20)
    await first.commit(after(read))
    await first.close()
    await send(producer, [message(topic, "late", "20")])
    assert texts(await take(await log.subscribe([topic], group=group), 1)) == ["20"]
    assert len(await take(await log.subscribe([topic], group=f"{group}-other"), 21)) == 21


async def test_uncommitted_records_are_delivered_again(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1)
    await send(producer, [message(topic, "k", str(n)) for n in range(10)])
    first = await log.subscribe([topic], group=group)
    await take(first, 10)
    await first.commit({Partition(topic, 0): 4})
    await first.close()
    again = await take(await log.subscribe([topic], group=group), 6)
    assert texts(again) == [str(n) for n in range(4, 10)]


async def test_a_group_that_starts_at_the_end_skips_nothing_when_it_changes_hands_before_its_first_commit(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    """Seen to fail on Kafka without ``_pin``: the second member started at its own end."""
    topic = await new_topic(partitions=1)
    await send(producer, [message(topic, "k", "old")])
    first = await log.subscribe([topic], group=group, from_start=False)
    while not first.assigned():
        await first.poll(limit=10, wait=0.2)
    assert list(await first.poll(limit=10, wait=0.5)) == []
    await send(producer, [message(topic, "k", "new")])
    await first.close()
    second = await log.subscribe([topic], group=group, from_start=False)
    assert texts(await take(second, 1)) == ["new"]


async def test_a_reader_without_a_group_sees_every_record_and_commits_none(
    log: EventLog, producer: Producer, new_topic: NewTopic
) -> None:
    topic = await new_topic()
    await send(producer, [message(topic, f"key-{n}", str(n)) for n in range(10)])
    one, other = await log.subscribe([topic], group=None), await log.subscribe([topic], group=None)
    assert len(await take(one, 10)) == len(await take(other, 10)) == 10
    assert one.assigned() == {Partition(topic, n) for n in range(4)}
    with pytest.raises(RuntimeError):
        await one.commit({Partition(topic, 0): 1})
    late = await log.subscribe([topic], group=None, from_start=False)
    assert list(await late.poll(limit=10, wait=0.5)) == []
    await send(producer, [message(topic, "k", "new")])
    assert texts(await take(late, 1)) == ["new"]


async def test_several_topics_are_read_through_one_subscription(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topics = [await new_topic(partitions=2), await new_topic(partitions=1)]
    await send(producer, [message(topic, f"key-{n}", topic) for topic in topics for n in range(5)])
    records = await take(await log.subscribe(topics, group=group), 10)
    assert sorted(texts(records)) == sorted([topic for topic in topics for _ in range(5)])


async def test_a_partition_is_replayed_from_an_offset(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1)
    place = Partition(topic, 0)
    await send(producer, [message(topic, "k", str(n)) for n in range(10)])
    subscription = await log.subscribe([topic], group=group)
    await subscription.commit(after(await take(subscription, 10)))
    await subscription.seek(place, 7)
    assert texts(await take(subscription, 3)) == ["7", "8", "9"]
    await subscription.seek(place, 0)
    assert texts(await take(subscription, 10)) == [str(n) for n in range(10)]


async def test_a_member_without_partitions_may_do_nothing_to_those_of_others(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1)
    place = Partition(topic, 0)
    await send(producer, [message(topic, "k", str(n)) for n in range(3)])
    first = await log.subscribe([topic], group=group)
    in_hand = await take(first, 3)
    idle = await log.subscribe([topic], group=group)
    assert list(await idle.poll(limit=10, wait=0.1)) == []
    with pytest.raises(PartitionLost):
        await idle.seek(place, 0)
    with pytest.raises(PartitionLost):
        await idle.commit({place: 3})
    idle.pause([place])
    idle.resume([place])
    assert await idle.lag() == {}
    await first.commit(after(in_hand))


async def test_lag_before_the_first_commit_counts_from_the_start_that_was_chosen(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1)
    place = Partition(topic, 0)
    await send(producer, [message(topic, "k", str(n)) for n in range(3)])
    for from_start, events in ((True, 3), (False, 0)):
        subscription = await log.subscribe([topic], group=f"{group}-{from_start}", from_start=from_start)
        while not subscription.assigned():
            await subscription.poll(limit=1, wait=0.2)
        assert (await subscription.lag())[place].events == events
        await subscription.close()


async def test_a_partition_is_replayed_from_a_moment(log: EventLog, producer: Producer, new_topic: NewTopic) -> None:
    topic = await new_topic(partitions=1)
    place = Partition(topic, 0)
    for n in range(9):
        await send(producer, [message(topic, "k", str(n))])
        await asyncio.sleep(0.01)
    subscription = await log.subscribe([topic], group=None)
    records = await take(subscription, 9)
    assert all(one.timestamp <= other.timestamp for one, other in pairwise(records))
    for record in records:
        assert await subscription.offset_at(place, record.timestamp) == record.offset
    between = records[4].timestamp + timedelta(microseconds=1)
    assert await subscription.offset_at(place, between) == 5
    assert await subscription.offset_at(place, datetime(2001, 1, 1, tzinfo=UTC)) == 0
    assert await subscription.offset_at(place, records[-1].timestamp + timedelta(hours=1)) == 9
    await subscription.seek(place, await subscription.offset_at(place, between))
    assert texts(await take(subscription, 4)) == ["5", "6", "7", "8"]


async def test_a_paused_partition_waits_while_the_others_flow(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=2)
    await send(producer, [message(topic, f"key-{n}", "early") for n in range(20)])
    subscription = await log.subscribe([topic], group=group)
    await take(subscription, 20)
    still = Partition(topic, 0)
    subscription.pause([still])
    await send(producer, [message(topic, f"key-{n}", "late") for n in range(40)])
    reference = await take(await log.subscribe([topic], group=None), 60)
    late = [record for record in reference if record.value == b"late"]
    flowing = await take(subscription, sum(record.place != still for record in late))
    assert {record.place for record in flowing} == {Partition(topic, 1)}
    assert list(await subscription.poll(limit=10, wait=0.3)) == []
    assert still in subscription.assigned()
    subscription.resume([still])
    resumed = await take(subscription, 40 - len(flowing))
    assert {record.place for record in resumed} == {still}
    assert len({(record.place, record.offset) for record in [*flowing, *resumed]}) == 40


async def test_lag_is_measured_in_events_and_in_seconds(
    log: EventLog, producer: Producer, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1)
    place = Partition(topic, 0)
    await send(producer, [message(topic, "k", str(n)) for n in range(3)])
    subscription = await log.subscribe([topic], group=group)
    records = await take(subscription, 3)
    await asyncio.sleep(0.2)
    before = datetime.now(UTC)
    lag = (await subscription.lag())[place]
    assert lag.events == 3
    assert lag.seconds >= (before - records[0].timestamp).total_seconds() - 0.01
    await subscription.commit({place: 2})
    lag = (await subscription.lag())[place]
    assert lag.events == 1
    assert lag.seconds > 0
    await subscription.commit({place: 3})
    assert await subscription.lag() == {place: Lag(0, 0.0)}


async def test_a_reader_without_a_group_lags_by_its_unread_records(
    log: EventLog, producer: Producer, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=1)
    await send(producer, [message(topic, "k", str(n)) for n in range(5)])
    subscription = await log.subscribe([topic], group=None)
    await take(subscription, 2, limit=2)
    assert (await subscription.lag())[Partition(topic, 0)].events == 3


async def test_topics_are_made_once_and_never_changed(log: EventLog, new_topic: NewTopic) -> None:
    name = await new_topic(partitions=3, compacted=True)
    await log.create_topics([Topic(name=name, partitions=3, compacted=True)])
    assert await log.partitions(name) == 3
    with pytest.raises(TopicMismatch):
        await log.create_topics([Topic(name=name, partitions=4, compacted=True)])
    with pytest.raises(TopicMismatch):
        await log.create_topics([Topic(name=name, partitions=3)])
    with pytest.raises(ValueError, match="no good"):
        await log.create_topics([Topic(name="no good", partitions=1)])


async def test_an_unknown_topic_is_refused_before_anything_is_sent(
    log: EventLog, producer: Producer, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=1)
    with pytest.raises(UnknownTopic):
        await log.partitions("never.made")
    with pytest.raises(UnknownTopic):
        await log.subscribe([topic, "never.made"], group=None)
    with pytest.raises(UnknownTopic):
        await producer.send([message(topic, "k", "x"), message("never.made", "k", "x")], within=10)
    await send(producer, [message(topic, "k", "first")])
    assert texts(await take(await log.subscribe([topic], group=None), 1)) == ["first"]


async def test_a_log_that_was_stopped_can_be_started_again(
    log: EventLog, producer: Producer, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=1)
    await send(producer, [message(topic, "k", "before")])
    await log.stop()
    await log.check()
    await send(await log.producer("test"), [message(topic, "k", "afterwards")])
    assert texts(await take(await log.subscribe([topic], group=None), 2)) == ["before", "afterwards"]
