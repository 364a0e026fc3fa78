"""The inbox forgets by its term, and still nothing is handled twice: what it may have forgotten is parked in words."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from common.messaging.consumer import floor, parking
from common.messaging.consumer.loop import Consumer
from common.messaging.log import Lag, Message, Partition, Record
from common.messaging.pglog import PostgresLog
from common.persistence.transaction import uuid7
from common.service.retention import forget_all
from common.service.runtime import ServiceRuntime
from events.flow import EventParked
from tests.support.plumbing import CONSUMER, TOPIC, Ears, make_topics, paused, quicker, record_of
from tests.support.postgres import FreshDatabase
from tests.support.sample import Listener, eventually, listener, new_id, running

DAY = 86_400.0
WINDOW = timedelta(days=35)
HERE = Partition(TOPIC, 0)


def made(days_ago: float) -> UUID:
    """The id of an event that was made so many days ago."""
    moment = datetime.now(UTC) - timedelta(days=days_ago)
    return UUID(int=int(moment.timestamp() * 1000) << 80 | uuid7().int & ((1 << 80) - 1))


def old(trainer: UUID, days_ago: float, **changed: object) -> Record:
    return paused(trainer, ce_id=str(made(days_ago)), **changed)


async def purge(
    ears: Ears,
    *,
    behind: float = 0.0,
    places: Collection[Partition] = (HERE,),
    read: Mapping[Partition, Lag] | None = None,
    window: timedelta = WINDOW,
) -> int:
    """Purge as a worker that has read all but the last ``behind`` days does."""
    async with ears.database.begin(actor="test") as tx:
        lags = {place: Lag(1, behind * DAY) for place in places} if read is None else read
        await floor.note(tx, CONSUMER, lags)
        return await floor.purge(tx, CONSUMER, places, window)


async def parked_keys(ears: Ears) -> list[str]:
    return [row.key for row in await ears.sql("SELECT key FROM parked_events ORDER BY position")]


async def test_rows_past_the_term_go_and_what_is_younger_stays(ears: Ears) -> None:
    records = [old(new_id(), days) for days in (90, 36, 34, 1)]
    await ears.dispatch.batch(records)
    assert await purge(ears) == 2
    left = {row.event_id for row in await ears.sql("SELECT event_id FROM inbox")}
    assert left == {UUID(record.headers["ce_id"]) for record in records[2:]}


async def test_an_event_redelivered_after_its_inbox_row_was_purged_is_parked(
    ears: Ears,
) -> None:
    """Seen red without the floor: the inbox had forgotten it, and it was handled a second time."""
    record = old(new_id(), 40)
    await ears.dispatch.batch([record])
    await purge(ears)
    await ears.dispatch.batch([record])
    assert len(await ears.heard()) == 1
    [told] = await ears.told(EventParked)
    assert told.reason == floor.REASON
    assert told.event_id == record.headers["ce_id"]
    # A third time while it is parked, and again after the inbox has forgotten that as well.
    await purge(ears)
    await ears.dispatch.batch([record])
    assert (len(await ears.heard()), await ears.count("parked_events"), await ears.count("parked_keys")) == (1, 1, 1)


async def test_an_event_that_the_log_has_twice_is_known_by_its_id(ears: Ears) -> None:
    """A restored outbox sends what was sent long ago: the same event at another place, taken in today."""
    record = old(new_id(), 40)
    await ears.dispatch.batch([record])
    await purge(ears)
    await ears.dispatch.batch([replace(record, offset=record.offset + 100_000, timestamp=datetime.now(UTC))])
    assert len(await ears.heard()) == 1
    assert await ears.count("parked_events") == 1


async def test_a_refused_event_does_not_hold_up_its_key(ears: Ears) -> None:
    trainer = new_id()
    record = old(trainer, 40)
    await ears.dispatch.batch([record])
    await purge(ears)
    await ears.dispatch.batch([record, paused(trainer)])
    await ears.dispatch.batch([paused(trainer)])
    assert len(await ears.heard()) == 3
    assert await parked_keys(ears) == [f"{parking.AGAIN}{trainer}"]


async def test_an_operator_may_redrive_it_or_discard_it(ears: Ears) -> None:
    records = [old(new_id(), 40), old(new_id(), 41)]
    await ears.dispatch.batch(records)
    await purge(ears)
    await ears.dispatch.batch(records)
    first, second = (f"{parking.AGAIN}{record.key}" for record in records)
    assert await ears.dispatch.redrive(TOPIC, first) == 1
    async with ears.database.begin(actor="test") as tx:
        found = await parking.next_parked(tx, CONSUMER, TOPIC, second)
        assert found is not None
        await parking.discard(tx, CONSUMER, found[1], found[0], new_id())
    assert (len(await ears.heard()), await ears.count("parked_events"), await ears.count("parked_keys")) == (3, 0, 0)


async def test_a_new_consumer_handles_the_whole_history(ears: Ears) -> None:
    await ears.dispatch.batch([old(new_id(), days) for days in (2000, 400, 90)])
    assert (len(await ears.heard()), await ears.count("parked_events")) == (3, 0)


async def test_a_consumer_that_stood_still_for_longer_than_the_term_refuses_nothing(ears: Ears) -> None:
    """Seen red with a floor that followed the clock."""
    await ears.dispatch.batch([old(new_id(), 100)])
    await purge(ears, behind=90)
    await ears.dispatch.batch([old(new_id(), days) for days in (89, 60, 36)])
    assert (len(await ears.heard()), await ears.count("parked_events")) == (4, 0)


async def test_a_topic_that_is_followed_from_today_is_read_from_its_beginning(ears: Ears) -> None:
    await ears.dispatch.batch([old(new_id(), 100)])
    assert await purge(ears) == 1
    profiles = Partition("hto.registry.profiles", 0)
    with pytest.raises(Exception, match="progress/"):
        await purge(ears, places=(HERE, profiles), read={HERE: Lag(0, 0)})
    await ears.dispatch.batch([record_of(None, new_id(), ce_id=str(made(90)))])
    assert (len(await ears.heard()), await ears.count("parked_events")) == (2, 0)
    assert await purge(ears, places=(HERE, profiles), read={profiles: Lag(1, 300 * DAY)}) == 0, "it has not caught up"


async def test_no_inbox_row_is_purged_before_every_partition_was_read(ears: Ears) -> None:
    await ears.dispatch.batch([old(new_id(), 100)])
    with pytest.raises(Exception, match="progress/"):
        await purge(ears, places=(HERE, Partition(TOPIC, 1)), read={HERE: Lag(0, 0)})
    assert await ears.count("inbox") == 1


async def test_the_inbox_remembers_a_day_whatever_the_policy_says(ears: Ears) -> None:
    await ears.dispatch.batch([old(new_id(), 0.9), old(new_id(), 1.1)])
    assert await purge(ears, window=timedelta(0)) == 1


async def test_an_id_that_does_not_say_when_it_was_made_is_never_forgotten(ears: Ears) -> None:
    record = paused(new_id(), ce_id="11111111-1111-4111-8111-111111111111")
    await ears.dispatch.batch([record])
    assert await purge(ears) == 0
    await ears.dispatch.batch([record])
    assert (len(await ears.heard()), await ears.count("parked_events")) == (1, 0)


async def test_a_refused_state_goes_with_the_person_whom_it_is_about(ears: Ears) -> None:
    person = new_id()
    tombstone = record_of(None, person, ce_id=str(made(40)))
    await ears.dispatch.batch([tombstone])
    profiles = Partition("hto.registry.profiles", 0)
    await purge(ears, places=(profiles,))
    state = replace(tombstone, value=b"{}", offset=tombstone.offset + 1)
    async with ears.database.begin(actor="test") as tx:
        await floor.set_aside(tx, CONSUMER, state)
    assert await ears.count("parked_events") == 1
    async with ears.database.begin(actor="test") as tx:
        assert await parking.erase(tx, person) == 1
    assert (await ears.count("parked_events"), await ears.count("parked_keys")) == (0, 0)


async def test_a_purge_reads_what_it_removes_and_not_the_inbox(ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "CHUNK", 10)
    for source in ("a", "b"):
        await ears.sql(
            "INSERT INTO inbox (consumer, source, event_id) SELECT :consumer, :source, ("
            "  lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 5000000000 + n * 200000), 12, '0')"
            "  || '7000800000000000' || lpad(n::text, 4, '0'))::uuid FROM generate_series(1, 9000) n",
            consumer=CONSUMER,
            source=source,
        )
    await ears.sql("ANALYZE inbox")
    assert await purge(ears) == 10
    plan = await ears.sql(f"EXPLAIN {floor._PURGE.text}", consumer=CONSUMER, below=made(35), chunk=10)
    lines = "\n".join(row[0] for row in plan)
    assert "Seq Scan on inbox" not in lines, lines


async def _history(ears: Ears, seed: int, *, honest: bool) -> tuple[dict[UUID, int], int]:
    """Deliver, again, republish and purge in any order; return how often each was handled, and how many only parked."""
    chance = random.Random(seed)
    trainers = {new_id(): chance.uniform(0.1, 80) for _ in range(8)}
    records = {trainer: old(trainer, age) for trainer, age in trainers.items()}
    waiting = sorted(trainers, key=lambda trainer: -trainers[trainer])
    read: list[UUID] = []
    for step in range(40):
        what = chance.choice(("deliver", "again", "republish", "purge"))
        if what == "deliver" and waiting:
            read.append(waiting.pop(0))
            await ears.dispatch.batch([records[read[-1]]])
        elif what in {"again", "republish"} and read:
            record = records[chance.choice(read)]
            if what == "republish":
                record = replace(record, offset=1_000_000 * (seed + 1) + step)
            await ears.dispatch.batch([record, record])
        elif what == "purge":
            oldest = trainers[waiting[0]] + 0.01 if waiting and honest else 0.0
            await purge(ears, behind=oldest, window=timedelta(days=chance.choice((1, 5, 35))))
    for trainer in waiting:
        await ears.dispatch.batch([records[trainer]])
    heard = [trainer for trainer, _ in await ears.heard()]
    parked = {UUID(key.removeprefix(parking.AGAIN)) for key in await parked_keys(ears)}
    return {trainer: heard.count(trainer) for trainer in trainers}, len(parked - set(heard))


@pytest.mark.parametrize("seed", range(8))
async def test_in_any_order_an_event_is_handled_once_and_a_redelivery_is_known_or_parked(ears: Ears, seed: int) -> None:
    handled, only_parked = await _history(ears, seed, honest=True)
    assert set(handled.values()) == {1}, "a first delivery is never refused, and none is handled twice"
    assert only_parked == 0


@pytest.mark.parametrize("seed", range(8, 12))
async def test_where_the_floor_is_wrong_an_event_is_parked_and_never_lost_nor_doubled(ears: Ears, seed: int) -> None:
    handled, only_parked = await _history(ears, seed, honest=False)
    assert max(handled.values()) <= 1
    assert sum(handled.values()) + only_parked == len(handled)


async def test_a_worker_notes_what_it_has_read_and_purges_by_itself(fresh_database: FreshDatabase) -> None:
    event_log = PostgresLog(await fresh_database())
    await make_topics(event_log)
    record = old(new_id(), 3)
    producer = await event_log.producer("test")
    await producer.send([Message(topic=TOPIC, key=record.key, value=record.value, headers=record.headers)], within=5)
    with quicker(ServiceRuntime, MEASURE=0.05), quicker(Consumer, NOTE=0.05, WAIT=0.05):
        async with running(listener(Listener().handlers()), await fresh_database(), event_log) as here:
            ears = Ears(here.database)
            await here.start(worker=True)

            async def read() -> bool:
                return bool(await ears.count("inbox")) and bool(await ears.sql("SELECT 1 FROM progress LIMIT 1"))

            await eventually(read)
            [consumer] = here.consumers
            inbox = consumer.purge()
            await ears.sql(
                "INSERT INTO policies VALUES ('retention.inbox', '2025-08-01', 1, 1, NULL, '{\"days\": 2}', 't', false)"
            )
            here.database.policies_changed()

            async def forgotten() -> bool:
                await forget_all(here.database, inbox)
                return not await ears.count("inbox")

            await eventually(forgotten)
    await event_log.stop()
