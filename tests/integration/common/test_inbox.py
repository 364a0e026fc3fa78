"""The inbox: however often an event is delivered, it has its effect once."""

from __future__ import annotations

import asyncio
from uuid import UUID

from sqlalchemy import text

from common.envelope import Envelope
from common.errors import StaleVersion
from common.persistence.transaction import Tx
from common.runtime.telemetry import RETRIES
from tests.support.plumbing import CONSUMER, Ears, left, paused
from tests.support.sample import eventually, new_id, write_down


async def test_a_redelivered_batch_has_no_second_effect(ears: Ears) -> None:
    """As after a commit whose offset was not committed. Seen red when ``sees_first`` returned every id."""
    trainer = new_id()
    records = [paused(trainer), left(trainer)]
    assert await ears.dispatch.batch(records) == 2
    assert await ears.dispatch.batch(records) == 0
    assert await ears.heard() == [(trainer, "paused"), (trainer, "left other")]


async def test_an_event_that_stands_twice_in_one_batch_has_one_effect(ears: Ears) -> None:
    """A relay may send twice. Seen red when ``_first_of_each`` looked up without taking out."""
    record = paused(new_id())
    assert await ears.dispatch.batch([record, record]) == 1
    assert len(await ears.heard()) == 1


async def test_two_processes_that_get_the_same_events_at_once_have_one_effect(ears: Ears) -> None:
    """Seen red with the inbox looked up before the handlers ran and written after them."""
    for _ in range(10):
        records = [paused(new_id()) for _ in range(20)]
        await asyncio.gather(ears.dispatch.batch(records), ears.twin().batch(list(reversed(records))))
    heard = await ears.heard()
    assert len(heard) == len(set(heard)) == 200


async def test_two_processes_with_the_same_events_in_another_order_wait_for_each_other(ears: Ears) -> None:
    """Seen red without ``ORDER BY source, id`` in the inbox's statement: one of them had to be tried again."""
    first, second = sorted([paused(new_id()), paused(new_id())], key=lambda record: record.headers["ce_id"])
    before = _retries()
    async with ears.database.begin(actor="another process") as tx:
        await tx.sees_first(CONSUMER, [Envelope.from_headers(first.headers)])
        here = asyncio.create_task(ears.dispatch.batch([second, first]))

        async def waits() -> bool:
            return bool(await ears.sql("SELECT 1 FROM pg_locks WHERE NOT granted"))

        await eventually(waits)
        await tx.sees_first(CONSUMER, [Envelope.from_headers(second.headers)])
    assert await here == 0
    assert _retries() == before


def _retries() -> float:
    """How often batches were tried again, for whatever reason."""
    return sum(sample.value for family in RETRIES.collect() for sample in family.samples if "_total" in sample.name)


async def test_a_crash_between_effect_and_commit_leaves_nothing_and_redelivery_does_it_whole(ears: Ears) -> None:
    """Seen red with the inbox written in a transaction of its own, and with a commit in the place of roll back."""
    trainer, at_work = new_id(), asyncio.Event()

    async def never_ends(trainer_id: UUID, what: str, tx: Tx) -> None:
        await write_down(trainer_id, what, tx)
        at_work.set()
        await asyncio.Event().wait()

    ears.listener.react = never_ends
    record = paused(trainer)
    crash = asyncio.create_task(ears.dispatch.batch([record]))
    await at_work.wait()
    crash.cancel()
    await asyncio.gather(crash, return_exceptions=True)
    assert (await ears.heard(), await ears.count("inbox")) == ([], 0)
    ears.listener.react = write_down
    assert await ears.twin().batch([record]) == 1
    assert await ears.heard() == [(trainer, "paused")]


async def test_two_consumers_of_one_service_each_have_their_effect(ears: Ears) -> None:
    """Seen red with one name in the inbox for every consumer."""
    record = paused(new_id())
    projection = ears.twin()
    projection.consumer = "matching.projection"
    assert (await ears.dispatch.batch([record]), await projection.batch([record])) == (1, 1)
    assert len(await ears.heard()) == 2


async def test_one_by_one_finds_the_culprit_and_the_others_take_effect_in_order(ears: Ears) -> None:
    """Seen red with a failing batch parked whole, with a ``TryLater`` after the culprit was parked, and with one in
    the place of the replay."""
    trainers = [new_id() for _ in range(5)]

    async def dislikes_one(trainer_id: UUID, what: str, tx: Tx) -> None:
        await write_down(trainer_id, what, tx)
        if trainer_id == trainers[2]:
            raise ZeroDivisionError

    ears.listener.react = dislikes_one
    records = [paused(trainer) for trainer in trainers] + [left(trainer) for trainer in trainers]
    assert await ears.dispatch.batch(records) == 10
    good = [trainer for trainer in trainers if trainer != trainers[2]]
    assert await ears.heard() == [(one, "paused") for one in good] + [(one, "left other") for one in good]
    parked = await ears.sql("SELECT key FROM parked_events")
    assert [row.key for row in parked] == [str(trainers[2])] * 2


async def test_a_batch_that_failed_together_leaves_no_effect_of_its_first_try(ears: Ears) -> None:
    """Seen red with a commit in the place of the roll back."""
    tries: list[str] = []

    async def first_time_bad(trainer_id: UUID, what: str, tx: Tx) -> None:
        await write_down(trainer_id, what, tx)
        tries.append(what)
        if len(tries) == 2:
            raise ZeroDivisionError

    ears.listener.react = first_time_bad
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer), left(trainer)])
    assert tries == ["paused", "left other", "paused", "left other"]
    assert await ears.heard() == [(trainer, "paused"), (trainer, "left other")]
    assert await ears.count("parked_events") == 0


async def test_a_lost_race_is_tried_again_at_once(ears: Ears) -> None:
    """Seen red with ``StaleVersion`` treated as any bug."""
    races = 0

    async def loses(trainer_id: UUID, what: str, tx: Tx) -> None:
        nonlocal races
        races += 1
        if races <= ears.dispatch.TRIES + 1:
            raise StaleVersion
        await write_down(trainer_id, what, tx)

    ears.listener.react = loses
    assert await ears.dispatch.batch([paused(new_id())]) == 1
    assert (len(await ears.heard()), await ears.count("parked_keys")) == (1, 0)


async def test_a_deadlock_between_two_processes_ends_with_both_effects(ears: Ears) -> None:
    await ears.sql("CREATE TABLE locked (id int PRIMARY KEY, times int)")
    await ears.sql("INSERT INTO locked VALUES (1, 0), (2, 0)")
    both = asyncio.Barrier(2)
    orders: dict[UUID, tuple[int, int]] = {}
    met: set[UUID] = set()

    async def cross(trainer_id: UUID, what: str, tx: Tx) -> None:
        first, second = orders[trainer_id]
        await tx.execute(text("UPDATE locked SET times = times + 1 WHERE id = :id"), {"id": first})
        if trainer_id not in met:
            met.add(trainer_id)
            await both.wait()
        await tx.execute(text("UPDATE locked SET times = times + 1 WHERE id = :id"), {"id": second})

    ears.listener.react = cross
    here, there = new_id(), new_id()
    orders |= {here: (1, 2), there: (2, 1)}
    await asyncio.gather(ears.dispatch.batch([paused(here)]), ears.twin().batch([paused(there)]))
    assert [tuple(row) for row in await ears.sql("SELECT id, times FROM locked ORDER BY id")] == [(1, 2), (2, 2)]
    assert await ears.count("parked_keys") == 0
