"""What only Kafka needs: a refused batch stops its lane, a refused identity or a broken client is replaced."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Callable, Coroutine

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from aiokafka.record.util import calc_crc32c

from common.messaging.kafka import fetching
from common.messaging.kafka.brokers import Brokers
from common.messaging.kafka.fetching import AdaptiveFetcher
from common.messaging.kafka.producer import KafkaProducer
from common.messaging.kafka.subscription import KafkaSubscription
from common.messaging.log import ILLEGIBLE, EventLog, LogUnavailable, Message, Partition
from tests.conformance.conftest import KafkaServer
from tests.conformance.reading import after, message, send, take, texts

NewTopic = Callable[..., Coroutine[None, None, str]]

pytestmark = [pytest.mark.containers, pytest.mark.parametrize("server", [KafkaServer], indirect=True)]


async def test_behind_a_record_that_the_broker_refuses_nothing_of_its_key_is_sent(
    log: EventLog, producer: KafkaProducer, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=1)
    too_large = Message(topic=topic, key="k", value=os.urandom(3_000_000))
    sent = [message(topic, "k", "first"), too_large, message(topic, "k", "third")]
    assert list(await producer.send(sent, within=10)) == [0]
    await send(producer, [message(topic, "k", "later")])
    assert texts(await take(await log.subscribe([topic], group=None), 2)) == ["first", "later"]


async def test_other_partitions_flow_past_a_refused_record(
    log: EventLog, producer: KafkaProducer, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=4)
    sent = [message(topic, f"key-{n}", str(n)) for n in range(40)]
    sent.insert(0, Message(topic=topic, key="key-0", value=os.urandom(3_000_000)))
    acknowledged = await producer.send(sent, within=10)
    assert 0 < len(acknowledged) < 40
    records = await take(await log.subscribe([topic], group=None), len(acknowledged))
    assert sorted(texts(records)) == sorted((sent[index].value or b"").decode() for index in acknowledged)


async def test_an_identity_that_the_broker_refuses_is_given_up(
    log: EventLog, producer: KafkaProducer, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=1)
    await send(producer, [message(topic, "k", "first")])
    assert producer._identity
    pid, _ = producer._identity
    # Somebody with the same identity and a higher epoch has taken over.
    usurper = await log.producer("usurper")
    assert isinstance(usurper, KafkaProducer)
    usurper._identity = (pid, 7)
    await send(usurper, [message(topic, "k", "usurper's")])
    assert list(await producer.send([message(topic, "k", "refused")], within=10)) == []
    await send(producer, [message(topic, "k", "last")])
    assert producer._identity
    assert producer._identity[0] != pid
    records = await take(await log.subscribe([topic], group=None), 3)
    assert texts(records) == ["first", "usurper's", "last"]


async def test_a_record_of_a_foreign_producer_stops_nobody(
    log: EventLog, server: KafkaServer, producer: KafkaProducer, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=1)
    foreign = AIOKafkaProducer(**Brokers.of(server.login).client)
    await foreign.start()
    await foreign.send_and_wait(topic, b"\xff", key=None, headers=[("odd", b"\xfe"), ("none", None)])
    await foreign.stop()
    await send(producer, [message(topic, "k", "next")])
    odd, following = await take(await log.subscribe([topic], group=None), 2)
    assert (odd.key, odd.value, dict(odd.headers)) == ("", b"\xff", {"odd": "\ufffd", "none": ""})
    assert following.value == b"next"


async def test_a_header_name_that_is_no_text_stops_nobody_and_loses_nothing(
    log: EventLog, server: KafkaServer, producer: KafkaProducer, new_topic: NewTopic, group: str
) -> None:
    """Seen red: aiokafka raised, lost what it had read before it, and raised again at each poll."""
    topic = await new_topic(partitions=1)
    await send(producer, [message(topic, "k", "before")])
    await _send_a_bad_name(server, topic)
    await send(producer, [message(topic, "k", "behind")])
    subscription = await log.subscribe([topic], group=group)
    before, odd, next_to_it, behind = await take(subscription, 4)
    assert (before.value, behind.value) == (b"before", b"behind")
    for illegible in (odd, next_to_it):
        assert (illegible.value, illegible.headers) == (b"", {ILLEGIBLE: "UnicodeDecodeError"})
    await subscription.commit(after([before]))
    assert (await subscription.lag())[odd.place].events == 3
    await subscription.commit(after([before, odd, next_to_it, behind]))
    assert (await subscription.lag())[odd.place].events == 0


async def _send_a_bad_name(server: KafkaServer, topic: str) -> None:
    """A batch of two; no client of a broker makes such a name, but whoever may write can send it."""
    foreign = AIOKafkaProducer(**Brokers.of(server.login).client)
    await foreign.start()
    batch = foreign.create_batch()
    for name in ("ODD!", "even"):
        batch.append(key=b"k", value=b"{}", timestamp=None, headers=[(name, b"x")])
    batch.close()
    raw = bytearray(batch._build().replace(b"ODD!", b"\xff\xfe\xfd\xfc"))
    struct.pack_into(">I", raw, 17, calc_crc32c(bytes(raw[21:])))
    batch._buffer = bytes(raw)
    await (await foreign.send_batch(batch, topic, partition=0))
    await foreign.stop()


async def test_a_consumer_that_broke_is_replaced(
    log: EventLog, producer: KafkaProducer, new_topic: NewTopic, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = await new_topic(partitions=1)
    await send(producer, [message(topic, "k", "first")])
    subscription = await log.subscribe([topic], group=group)
    assert isinstance(subscription, KafkaSubscription)
    in_hand = await take(subscription, 1)

    async def broken(**_: object) -> None:
        raise KafkaError("Unexpected error during coordination")

    monkeypatch.setattr(subscription._holding.consumer, "getmany", broken)
    with pytest.raises(LogUnavailable):
        await subscription.poll(limit=10, wait=1)
    again = await take(subscription, 1)
    assert texts(again) == texts(in_hand)
    await subscription.commit(after(again))


async def test_an_idle_reader_seldom_asks_and_yet_gets_at_once_what_comes(
    log: EventLog, producer: KafkaProducer, new_topic: NewTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red where the wait was as long while records came: what followed in a partition waited for the others."""
    asked = 0
    fetch = AdaptiveFetcher._proc_fetch_request

    async def counted(*args: object) -> object:
        nonlocal asked
        asked += 1
        return await fetch(*args)

    monkeypatch.setattr(AdaptiveFetcher, "_proc_fetch_request", counted)
    monkeypatch.setattr(fetching, "IDLE_MS", 20_000)
    monkeypatch.setattr(fetching, "QUIET", 0.2)
    topic = await new_topic(partitions=2)
    subscription = await log.subscribe([topic], group=None)
    assert not await subscription.poll(limit=1, wait=3)
    assert asked <= 3  # by 50 ms it would be 60
    assert isinstance(subscription, KafkaSubscription)
    fetcher = subscription._holding.consumer._fetcher
    async with asyncio.timeout(15):
        for text in ("first", "and what follows in its partition", "and again"):
            await send(producer, [message(topic, "k", text)])
            # Whoever reads is busy, and the other partition is asked for meanwhile.
            while not (fetcher._records and fetcher._in_flight):  # noqa: ASYNC110 - aiokafka tells nobody
                await asyncio.sleep(0.01)
            assert texts(await take(subscription, 1)) == [text]


async def test_a_subscription_that_was_closed_reads_and_holds_nothing(
    log: EventLog, new_topic: NewTopic, group: str
) -> None:
    topic = await new_topic(partitions=1)
    subscription = await log.subscribe([topic], group=group)
    await subscription.poll(limit=1, wait=0.1)
    await subscription.close()
    assert subscription.assigned() == frozenset()
    subscription.pause([Partition(topic, 0)])
    subscription.resume([Partition(topic, 0)])
    with pytest.raises(LogUnavailable):
        await subscription.poll(limit=1, wait=0.1)


async def test_the_one_record_that_a_topic_does_not_take_is_found_among_others(
    log: EventLog, server: KafkaServer, producer: KafkaProducer, new_topic: NewTopic
) -> None:
    """The broker refuses the batch and does not say why: the next send is one record at a time.

    Seen red without ``_one_by_one``: the batch was refused for ever.
    """
    topic = await new_topic(partitions=1)
    admin = AIOKafkaAdminClient(**Brokers.of(server.administrator).client)
    await admin.start()
    limit = {"max.message.bytes": "20000"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, limit)])
    await admin.close()
    sent = [Message(topic=topic, key=f"key-{n}", value=os.urandom(3_000)) for n in range(12)]
    sent[5] = Message(topic=topic, key="key-5", value=os.urandom(40_000))
    found: dict[str, str] = {}
    while sent:
        taken = await producer.send(sent, within=10)
        found |= {sent[index].key: refusal.reason for index, refusal in producer.refused.items()}
        done = {*taken, *producer.refused}
        sent = [one for index, one in enumerate(sent) if index not in done]
    assert found == {"key-5": "MessageSizeTooLargeError"}
    assert len(await take(await log.subscribe([topic], group=None), 11)) == 11
