"""A service at work on either log: through crashes before a commit, outages, hand-overs and its own end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from common.decision import MissingDependency
from common.messaging.consumer import Handlers
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.consumer.loop import Consumer, _poll_nothing
from common.messaging.log import EventLog, LogUnavailable, Message, Partition, Record
from common.messaging.pglog import PostgresLog
from common.persistence.transaction import Tx
from common.runtime.loops import LoopTroubled
from common.service import LoopContext
from tests.support.plumbing import CONSUMER, TOPIC, Ears, NoLog, ears_at, left, make_topics, paused, working
from tests.support.postgres import FreshDatabase, throwaway
from tests.support.sample import Listener, eventually, heard, listener, new_id, running, tell_paused, teller, write_down


class Trial(Dispatch):
    """A dispatch that tells how often it was called and for which keys, and may end right after its commit."""

    calls = 0
    dies = False
    keys: Sequence[str] = ()

    async def batch(self, records: Sequence[Record]) -> int:
        self.calls += 1
        self.keys = [*self.keys, *(record.key for record in records)]
        done = await super().batch(records)
        if self.dies:
            raise SystemError
        return done


async def _send(event_log: EventLog, records: Sequence[Record]) -> None:
    producer = await event_log.producer("test")
    messages = [Message(topic=one.topic, key=one.key, value=one.value, headers=one.headers) for one in records]
    assert len(await producer.send(messages, within=10)) == len(messages)


async def test_an_event_handled_before_a_crash_is_redelivered_without_a_second_effect(
    event_log: EventLog, ears: Ears
) -> None:
    """The process ends between its commit and that of the offset.

    Seen red when the inbox was passed over, and with the offset committed before the batch was handled."""
    mine = [paused(new_id()) for _ in range(5)]
    await _send(event_log, mine)
    keys = {UUID(one.key) for one in mine}
    dispatch = Trial(ears.database, _only(ears, keys), CONSUMER)
    dispatch.dies = True
    with pytest.raises(SystemError):
        await Consumer(event_log, dispatch, [TOPIC]).run()
    dispatch.dies = False
    calls = dispatch.calls
    async with working(Consumer(event_log, dispatch, [TOPIC]).run()):

        async def all_heard() -> bool:
            return {one for one, _ in await ears.heard()} == keys and dispatch.calls > calls

        await eventually(all_heard)
        assert len(await ears.heard()) == len(keys)


async def test_events_handled_before_an_orderly_stop_are_not_read_again(event_log: EventLog, ears: Ears) -> None:
    """Seen red without the commit of whoever leaves: offsets that were still being gathered were lost."""
    before, after = paused(new_id()), paused(new_id())
    handlers = _only(ears, {UUID(before.key), UUID(after.key)})
    await _send(event_log, [before])
    async with working(Consumer(event_log, Dispatch(ears.database, handlers, CONSUMER), [TOPIC]).run()):
        await eventually(lambda: _heard(ears, before))
    await _send(event_log, [after])
    dispatch = Trial(ears.database, handlers, CONSUMER)
    async with working(Consumer(event_log, dispatch, [TOPIC]).run()):
        await eventually(lambda: _heard(ears, after))
    assert before.key not in dispatch.keys


async def test_the_last_handled_offset_is_committed_although_no_event_follows(event_log: EventLog, ears: Ears) -> None:
    """Seen red where offsets were only committed after a batch."""
    last = paused(new_id())
    await _send(event_log, [last])
    consumer = Consumer(event_log, Dispatch(ears.database, _only(ears, {UUID(last.key)}), CONSUMER), [TOPIC])
    async with working(consumer.run()):
        await eventually(lambda: _heard(ears, last))

        async def nothing_is_open() -> bool:
            assert consumer.subscription
            return not any(lag.events for lag in (await consumer.subscription.lag()).values())

        await eventually(nothing_is_open)


class Calm(Consumer):
    """A consumer that does not look again by itself for what is parked, once nothing was; it tells when it looked."""

    IDLE_POLL = 3600.0
    looked = 0

    async def retry_due(self) -> int:
        self.looked += 1
        return await super().retry_due()


async def test_where_nothing_is_parked_nobody_looks_again_until_something_is(event_log: EventLog, ears: Ears) -> None:
    """Seen red where it was looked for four times a second, and without the sign that a batch was handled."""
    later = paused(new_id())
    known = set[UUID]()

    async def react(trainer_id: UUID, what: str, tx: Tx) -> None:
        if trainer_id == UUID(later.key):
            if trainer_id not in known:
                raise MissingDependency(f"trainer/{trainer_id}")
            await write_down(trainer_id, what, tx)

    ears.listener.react = react
    consumer = Calm(event_log, Dispatch(ears.database, ears.handlers, CONSUMER), [TOPIC])
    async with working(consumer.retry()):

        async def looked() -> bool:
            return consumer.looked == 1

        await eventually(looked)
        await asyncio.sleep(consumer.RETRY_POLL * 2)
        assert consumer.looked == 1
        async with working(consumer.run()):
            await _send(event_log, [later])

            async def is_parked() -> bool:
                return await ears.count("parked_keys") == 1

            await eventually(is_parked)
            known.add(UUID(later.key))
            await eventually(lambda: _heard(ears, later))


async def _heard(ears: Ears, record: Record) -> bool:
    return UUID(record.key) in {key for key, _ in await ears.heard()}


def _only(ears: Ears, keys: set[UUID]) -> Handlers:
    """React to these keys alone: the broker is shared, and a group of this name may find what others left."""

    async def react(trainer_id: UUID, what: str, tx: Tx) -> None:
        if trainer_id in keys:
            await write_down(trainer_id, what, tx)

    ears.listener.react = react
    return ears.handlers


async def test_a_parked_key_is_redriven_and_each_step_is_announced(
    event_log: EventLog, fresh_database: FreshDatabase
) -> None:
    waits, known = new_id(), set[UUID]()

    async def needs_a_fact(trainer_id: UUID, what: str, tx: Tx) -> None:
        if trainer_id == waits and trainer_id not in known:
            raise ZeroDivisionError
        if trainer_id == waits:
            await write_down(trainer_id, what, tx)

    ears = Listener(needs_a_fact)
    async with (
        running(teller(), await fresh_database(), event_log) as here,
        running(listener(ears.handlers()), await fresh_database(), event_log) as there,
    ):
        await here.start(worker=True)
        await there.start(worker=True)
        await tell_paused(here.database, waits, times=2)
        witness = Ears(there.database)

        async def parked() -> bool:
            return await witness.count("parked_events") == 2

        await eventually(parked)
        known.add(waits)
        dispatch = Dispatch(there.database, ears.handlers(), CONSUMER)
        assert await dispatch.redrive(TOPIC, str(waits)) == 2
        assert await heard(there.database) == [(waits, "paused")] * 2
        assert await witness.count("parked_keys") == 0


async def test_while_the_database_is_away_polling_goes_on_and_afterwards_nothing_is_missing(
    fresh_database: FreshDatabase,
) -> None:
    """The server is killed and comes back. Seen red when the consumer slept instead of polling."""
    event_log = PostgresLog(await fresh_database())
    await make_topics(event_log)
    with throwaway(durable=True) as server:
        async with ears_at(server.address("postgres")) as ears:
            consumer = Consumer(event_log, ears.dispatch, [TOPIC])
            async with working(consumer.run(), consumer.retry()) as tasks:
                first, later = [paused(new_id()) for _ in range(3)], [paused(new_id()) for _ in range(3)]
                await _send(event_log, first)

                async def heard_all(number: int) -> bool:
                    return len(await ears.heard()) == number

                await eventually(lambda: heard_all(3))
                server.kill()
                await _send(event_log, later)
                subscription = consumer.subscription
                assert subscription is not None
                polls = 0
                poll = subscription.poll

                async def counted(*, limit: int, wait: float) -> Sequence[Record]:
                    nonlocal polls
                    polls += 1
                    return await poll(limit=limit, wait=wait)

                subscription.poll = counted  # type: ignore[method-assign]

                async def polled() -> bool:
                    return polls > 3

                await eventually(polled)
                assert consumer.subscription is subscription
                server.start()

                async def back() -> bool:
                    try:
                        return await heard_all(6)
                    except Exception:  # noqa: BLE001 - the pool finds its broken connections one by one
                        return False

                await eventually(back)
                assert not any(task.done() for task in tasks)
                assert await ears.count("parked_keys") == 0
    await event_log.stop()


class HandsOver:
    """A subscription that gets another partition while it waits: it was not paused, so its record comes through."""

    def __init__(self, record: Record) -> None:
        self.record, self.place = record, record.place
        self.position, self.owned, self.paused = record.offset, set[Partition](), set[Partition]()

    def assigned(self) -> frozenset[Partition]:
        return frozenset(self.owned)

    def pause(self, partitions: object) -> None:
        self.paused |= set(partitions)  # type: ignore[call-overload]

    def resume(self, partitions: object) -> None:
        self.paused -= set(partitions)  # type: ignore[call-overload]

    async def seek(self, partition: Partition, offset: int) -> None:
        self.position = offset

    async def poll(self, *, limit: int, wait: float) -> Sequence[Record]:
        await asyncio.sleep(0.01)
        self.owned.add(self.place)
        if self.place in self.paused or self.position > self.record.offset:
            return []
        self.position += 1
        return [self.record]


async def test_a_partition_that_comes_to_us_while_the_database_is_away_loses_nothing() -> None:
    """Seen red: what was polled to stay alive was thrown away, and the next commit went past it."""
    record = replace(paused(new_id()), offset=7)
    subscription = HandsOver(record)
    await _poll_nothing(subscription, 0.1)  # type: ignore[arg-type]
    assert subscription.position == 7
    assert subscription.paused == {record.place}


async def test_order_is_kept_per_key_through_hand_overs_between_workers(event_log: EventLog, ears: Ears) -> None:
    """Workers come and go in the midst of it; each key's events have their effect once and in order."""
    trainers = [new_id() for _ in range(6)]
    handlers = _only(ears, set(trainers))
    records = [make(trainer) for _ in range(5) for trainer in trainers for make in (paused, left)]
    await _send(event_log, records[:30])
    async with working(Consumer(event_log, Dispatch(ears.database, handlers, CONSUMER), [TOPIC]).run()):
        async with working(Consumer(event_log, Dispatch(ears.database, handlers, CONSUMER), [TOPIC]).run()):
            await _send(event_log, records[30:])

        async def complete() -> bool:
            return len(await ears.heard()) >= 60

        await eventually(complete)
    rows = await ears.heard()
    assert len(rows) == 60
    for trainer in trainers:
        assert [what for one, what in rows if one == trainer] == ["paused", "left other"] * 5


async def test_a_service_stops_also_where_a_loop_swallows_its_first_cancellation(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``asyncio.wait_for`` may before Python 3.12. Seen red: ``stop`` waited for ever."""

    async def stubborn(running: object) -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.Event().wait()

    service = listener(Listener().handlers(), loops=[stubborn])
    event_log = PostgresLog(await fresh_database())
    await make_topics(event_log)
    async with running(service, await fresh_database(), event_log) as at_work:
        monkeypatch.setattr("common.service.runtime.SHUTDOWN_GRACE", 1)
        await at_work.start(worker=True)
        await asyncio.sleep(0.3)
        async with asyncio.timeout(10):
            await at_work.stop()
    await event_log.stop()


async def test_a_loop_that_fails_unforeseen_begins_anew(event_log: EventLog, fresh_database: FreshDatabase) -> None:
    starts: list[int] = []

    async def fails(running: object) -> None:
        starts.append(1)
        if len(starts) == 1:
            raise LogUnavailable
        raise ZeroDivisionError

    service = listener(Listener().handlers(), loops=[fails])
    async with running(service, await fresh_database(), event_log) as at_work:
        await at_work.start(worker=True)

        async def again() -> bool:
            return len(starts) >= 3

        await eventually(again)


async def test_a_service_is_ready_when_its_policies_are_there(
    event_log: EventLog, fresh_database: FreshDatabase
) -> None:
    async with running(listener(Listener().handlers()), await fresh_database(), event_log) as at_work:
        with pytest.raises(MissingDependency):
            await at_work.ready()


async def test_a_loop_that_fails_again_and_again_and_a_consumer_that_stands_still_are_not_ready(
    fresh_database: FreshDatabase,
) -> None:
    """Seen red: a loop that never ran was restarted for ever and every answer was *ready*."""

    async def boom(_: LoopContext) -> None:
        raise ZeroDivisionError

    service = listener(Handlers(), loops=[boom])
    async with running(service, await fresh_database(), NoLog()) as at_work:
        await at_work.check_loops()
        await at_work.start(worker=True)

        async def troubled() -> bool:
            try:
                await at_work.check_loops()
            except LoopTroubled as trouble:
                return "boom" in str(trouble) and "ZeroDivisionError" in str(trouble)
            return False

        await eventually(troubled)
    async with running(listener(Handlers()), await fresh_database(), NoLog()) as at_work:
        at_work.consumers[0].beat = asyncio.get_running_loop().time() - at_work.STANDS_STILL - 1
        with pytest.raises(LoopTroubled, match="stands still"):
            await at_work.check_loops()
