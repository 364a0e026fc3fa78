"""A consumer that starts reads compacted topics to their end before the others, on both logs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

import pytest

from common.consumer.dispatch import Dispatch
from common.consumer.loop import Consumer
from common.log import EventLog, Message, Record
from events.registry import ProfileState
from tests.conformance.quick import quick_log
from tests.containers import Kafka
from tests.plumbing import CONSUMER, TOPIC, Ears, ears_at, make_topics, paused, record_of, working
from tests.postgres import FreshDatabase, free_port
from tests.sample import eventually, new_id


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    broker = Kafka(relayed=free_port())
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(params=["postgresql", pytest.param("kafka", marks=pytest.mark.containers)])
async def event_log(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> AsyncIterator[EventLog]:
    if request.param == "kafka":
        made = quick_log(f"kafka://localhost:{request.getfixturevalue('kafka').port}")
    else:
        made = quick_log(await fresh_database())
    await make_topics(made)
    yield made
    await made.stop()


@pytest.fixture
async def ears(fresh_database: FreshDatabase) -> AsyncIterator[Ears]:
    async with ears_at(await fresh_database()) as made:
        yield made


class Watched(Dispatch):
    """Remembers the topics of what it handled, in order."""

    seen: Sequence[str] = ()

    async def batch(self, records: Sequence[Record]) -> int:
        self.seen = [*self.seen, *(record.topic for record in records)]
        return await super().batch(records)


async def _send(event_log: EventLog, records: Sequence[Record]) -> None:
    producer = await event_log.producer("test")
    messages = [Message(topic=one.topic, key=one.key, value=one.value, headers=one.headers) for one in records]
    assert len(await producer.send(messages, within=20)) == len(messages)


async def test_facts_are_read_to_their_end_before_what_needs_them(event_log: EventLog, ears: Ears) -> None:
    """More of each than a batch takes. Seen red: the two came mixed."""
    events, states = [paused(new_id()) for _ in range(700)], [record_of(None, new_id()) for _ in range(1200)]
    await _send(event_log, events)
    await _send(event_log, states)
    dispatch = Watched(ears.database, ears.handlers, CONSUMER)
    consumer = Consumer(event_log, dispatch, [TOPIC, ProfileState.topic])
    async with working(consumer.run()):

        async def all_are() -> bool:
            return len(dispatch.seen) >= 1900

        await eventually(all_are, within=60)
        assert dispatch.seen == [ProfileState.topic] * 1200 + [TOPIC] * 700
        # From then on whatever comes is handled as it comes.
        await _send(event_log, [paused(new_id())])

        async def goes_on() -> bool:
            return len(await ears.heard()) == 1901

        await eventually(goes_on)
    assert len(dispatch.seen) == 1901
