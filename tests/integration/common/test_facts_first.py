"""A consumer that starts reads compacted topics to their end before the others, on both logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from common.messaging.consumer.dispatch import Dispatch
from common.messaging.consumer.loop import Consumer
from common.messaging.log import EventLog, Message, Record
from events.registry import ProfileState
from tests.support.plumbing import CONSUMER, TOPIC, Ears, paused, record_of, working
from tests.support.sample import eventually, new_id


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
            return len(await ears.heard()) == 1900

        await eventually(all_are, within=60)
        # A slow machine may lose its place in the group, and a batch comes again: the order holds all the same.
        assert dispatch.seen == sorted(dispatch.seen, key=[ProfileState.topic, TOPIC].index)
        assert Counter(dispatch.seen) >= Counter({ProfileState.topic: 1200, TOPIC: 700})
        # From then on whatever comes is handled as it comes.
        await _send(event_log, [paused(new_id())])

        async def goes_on() -> bool:
            return len(await ears.heard()) == 1901

        await eventually(goes_on)
    assert dispatch.seen[-1] == TOPIC
