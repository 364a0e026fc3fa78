"""Through the whole plumbing: a transaction here becomes an effect there, once and in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from common.decision import MissingDependency
from common.messaging.log import Topic
from common.messaging.pglog import PostgresLog
from common.persistence.transaction import Tx
from common.service.runtime import ServiceRuntime
from events.registry import ConsentGiven, ProfileState, TrainerLeft, TrainerPaused
from tests.support.postgres import FreshDatabase
from tests.support.sample import (
    Listener,
    eventually,
    heard,
    listener,
    new_id,
    rows_in,
    running,
    tell_paused,
    teller,
    write_down,
)


@dataclass
class Pair:
    """The two services and what the second does."""

    here: ServiceRuntime
    there: ServiceRuntime
    listener: Listener


@pytest.fixture
async def pair(fresh_database: FreshDatabase) -> AsyncIterator[Pair]:
    event_log = PostgresLog(await fresh_database())
    ears = Listener()
    here_service, there_service = teller(), listener(ears.handlers())
    await event_log.create_topics([*here_service.topics, *there_service.topics])
    await event_log.create_topics(
        [
            Topic(name="hto.registry.policies", partitions=1, compacted=True),
            Topic(name="hto.operations.events", partitions=6),
        ]
    )
    async with (
        running(here_service, await fresh_database(), event_log) as here,
        running(there_service, await fresh_database(), event_log) as there,
    ):
        yield Pair(here, there, ears)
    await event_log.stop()


async def test_a_committed_event_has_its_effect_in_the_other_service(pair: Pair) -> None:
    await pair.here.start(worker=True)
    await pair.there.start(worker=True)
    trainer = new_id()
    await tell_paused(pair.here.database, trainer)

    async def arrived() -> bool:
        return await heard(pair.there.database) == [(trainer, "paused")]

    await eventually(arrived)
    assert await rows_in(pair.here.database.url, "outbox") == 0


async def test_an_event_of_a_rolled_back_transaction_is_never_published(pair: Pair) -> None:
    await pair.here.start(worker=True)
    await pair.there.start(worker=True)
    never, told = new_id(), new_id()

    async def change_of_mind() -> None:
        async with pair.here.database.begin(actor="test") as tx:
            tx.publish(TrainerPaused(trainer_id=never))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await change_of_mind()
    await tell_paused(pair.here.database, told)

    async def arrived() -> bool:
        return (told, "paused") in await heard(pair.there.database)

    await eventually(arrived)
    assert await heard(pair.there.database) == [(told, "paused")]


async def test_a_missing_fact_stops_one_key_and_no_other(pair: Pair) -> None:
    await pair.here.start(worker=True)
    await pair.there.start(worker=True)
    waits, flows = new_id(), new_id()
    known: set[UUID] = {flows}

    async def needs_a_fact(trainer_id: UUID, what: str, tx: Tx) -> None:
        if trainer_id not in known:
            raise MissingDependency(f"trainer/{trainer_id}")
        await write_down(trainer_id, what, tx)

    pair.listener.react = needs_a_fact
    async with pair.here.database.begin(actor="test") as tx:
        tx.publish(TrainerPaused(trainer_id=waits))
        tx.publish(TrainerPaused(trainer_id=flows))
        tx.publish(TrainerLeft(trainer_id=waits, reason="other"))

    async def other_flowed() -> bool:
        return await heard(pair.there.database) == [(flows, "paused")]

    await eventually(other_flowed)
    known.add(waits)

    async def all_came() -> bool:
        return await heard(pair.there.database) == [(flows, "paused"), (waits, "paused"), (waits, "left other")]

    await eventually(all_came)
    assert await rows_in(pair.there.database.url, "parked_keys") == 0


async def test_a_tombstone_takes_a_state_back(pair: Pair) -> None:
    await pair.here.start(worker=True)
    await pair.there.start(worker=True)
    trainer = new_id()
    async with pair.here.database.begin(actor="test") as tx:
        tx.publish_tombstone(ProfileState, trainer)

    async def arrived() -> bool:
        return await heard(pair.there.database) == [(trainer, "gone")]

    await eventually(arrived)


async def test_a_bug_parks_its_event_and_what_follows_it(pair: Pair) -> None:
    await pair.here.start(worker=True)
    await pair.there.start(worker=True)
    bad, good = new_id(), new_id()

    async def has_a_bug(trainer_id: UUID, what: str, tx: Tx) -> None:
        if trainer_id == bad and what == "paused":
            raise ZeroDivisionError
        await write_down(trainer_id, what, tx)

    pair.listener.react = has_a_bug
    async with pair.here.database.begin(actor="test") as tx:
        tx.publish(TrainerPaused(trainer_id=bad))
        tx.publish(ConsentGiven(trainer_id=bad, until=date(2027, 1, 1)))
        tx.publish(TrainerPaused(trainer_id=good))

    async def parked_and_heard() -> bool:
        there = pair.there.database
        return await rows_in(there.url, "parked_events") == 2 and await heard(there) == [(good, "paused")]

    await eventually(parked_and_heard)
