"""What was parked is handled after all, in order, while new events of its key arrive; or passed over, by order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

from common.decision import MissingDependency
from common.errors import StaleVersion
from common.messaging.consumer import parking
from common.messaging.log import Record
from common.persistence.transaction import Tx, uuid7
from events.flow import DiscardOrdered, EventDiscarded, EventParked, EventsRedriven, RedriveOrdered
from events.registry import TrainerPaused
from tests.support.plumbing import CONSUMER, TOPIC, Ears, left, paused, record_of
from tests.support.sample import new_id, write_down


async def _bug(trainer_id: UUID, what: str, tx: Tx) -> None:
    if what == "paused":
        raise ZeroDivisionError
    await write_down(trainer_id, what, tx)


async def _missing(trainer_id: UUID, what: str, tx: Tx) -> None:
    fact = f"trainer/{trainer_id}"
    raise MissingDependency(fact)


def _order(trainer: UUID, service: str = CONSUMER) -> Record:
    order = RedriveOrdered(
        flow_key=f"{CONSUMER}/{TOPIC}/{trainer}",
        order_id=uuid7(),
        service=service,
        consumer=CONSUMER,
        topic=TOPIC,
        parked_key=str(trainer),
    )
    return record_of(order, topic="hto.operations.events")


def _discard(trainer: UUID, event_id: str | None) -> Record:
    order = DiscardOrdered(
        flow_key=f"{CONSUMER}/{TOPIC}/{trainer}",
        order_id=uuid7(),
        service=CONSUMER,
        consumer=CONSUMER,
        topic=TOPIC,
        parked_key=str(trainer),
        event_id=event_id,
        reason="seen by hand",
    )
    return record_of(order, topic="hto.operations.events")


async def test_parked_events_are_handled_in_order_and_their_key_is_free_again(ears: Ears) -> None:
    """Seen red with ``ORDER BY position`` turned round."""
    ears.listener.react = _bug
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer), left(trainer), left(trainer)])
    ears.listener.react = write_down
    assert await ears.dispatch.redrive(TOPIC, str(trainer)) == 3
    assert [what for _, what in await ears.heard()] == ["paused", "left other", "left other"]
    assert (await ears.count("parked_keys"), await ears.count("parked_events")) == (0, 0)
    assert [told.left for told in await ears.told(EventsRedriven)] == [2, 1, 0]
    await ears.dispatch.batch([left(trainer)])
    assert len(await ears.heard()) == 4


async def test_an_order_that_came_over_the_log_has_a_key_tried_again(ears: Ears) -> None:
    ears.listener.react = _bug
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer), left(trainer)])
    ears.listener.react = write_down
    retries = ears.retries()
    assert await retries.retry_due() == 0
    assert await ears.heard() == []  # a bug waits for its order, whatever comes in
    await ears.dispatch.batch([_order(trainer, service="contracts")])
    assert await retries.retry_due() == 0
    await ears.dispatch.batch([_order(trainer)])
    assert await retries.retry_due() == 1
    assert [what for _, what in await ears.heard()] == ["paused", "left other"]


async def test_a_redrive_that_fails_again_is_announced_and_keeps_the_rest_waiting(ears: Ears) -> None:
    ears.listener.react = _bug
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer), left(trainer)])
    assert await ears.dispatch.redrive(TOPIC, str(trainer)) == 0
    assert await ears.heard() == []
    assert [(told.attempts, told.waiting) for told in await ears.told(EventParked)] == [(1, 1), (1, 2), (2, 2)]


async def test_a_redrive_that_comes_to_another_bad_event_stops_there(ears: Ears) -> None:
    ears.listener.react = _bug
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer), left(trainer), paused(trainer, value=b"{")])
    ears.listener.react = write_down
    assert await ears.dispatch.redrive(TOPIC, str(trainer)) == 2
    assert [row.why for row in await ears.sql("SELECT why FROM parked_keys")] == ["unreadable"]


async def test_an_order_to_discard_passes_over_the_first_event_and_the_others_follow(ears: Ears) -> None:
    """Seen red with a discard that tells nothing."""
    ears.listener.react = _bug
    trainer = new_id()
    culprit = paused(trainer)
    await ears.dispatch.batch([culprit, left(trainer)])
    order = _discard(trainer, culprit.headers["ce_id"])
    await ears.dispatch.batch([order])
    (told,) = await ears.told(EventDiscarded)
    assert told.event_id == culprit.headers["ce_id"]
    assert await ears.retries().retry_due() == 1
    assert await ears.heard() == [(trainer, "left other")]
    assert await ears.count("parked_keys") == 0


async def test_an_order_to_discard_another_event_than_the_first_does_nothing(ears: Ears) -> None:
    """It was given when another one stood first. Seen red without the comparison of the ids."""
    ears.listener.react = _bug
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer), left(trainer)])
    await ears.dispatch.batch([_discard(trainer, str(uuid7()))])
    assert (await ears.count("parked_events"), await ears.told(EventDiscarded)) == (2, [])


async def test_an_event_without_an_id_can_be_discarded_and_the_last_one_frees_its_key(ears: Ears) -> None:
    trainer = new_id()
    broken = paused(trainer)
    headers = {name: text for name, text in broken.headers.items() if name != "ce_id"}
    await ears.dispatch.batch([replace(broken, headers=headers)])
    await ears.dispatch.batch([_discard(trainer, None)])
    assert (await ears.count("parked_keys"), len(await ears.told(EventDiscarded))) == (0, 1)


async def test_orders_for_what_is_not_parked_any_more_do_nothing(ears: Ears) -> None:
    await ears.dispatch.batch([_order(new_id()), _discard(new_id(), str(uuid7()))])
    assert (await ears.count("parked_keys"), await ears.announced()) == (0, (0, 0, 0))


async def test_events_that_arrive_during_a_redrive_come_after_what_was_parked(ears: Ears) -> None:
    """Many rounds of a race. Seen red when dispatch looked at the parked keys without locking them: an event was
    parked behind a key that the redrive had just removed, and stayed there for ever. Seen red as well when the redrive
    did not lock its key."""
    for _ in range(25):
        trainer = new_id()
        ears.listener.react = _missing
        await ears.dispatch.batch([paused(trainer)])
        ears.listener.react = write_down

        async def arrive(trainer: UUID = trainer) -> None:
            for _ in range(3):
                await ears.dispatch.batch([left(trainer)])

        async def redrive(trainer: UUID = trainer) -> None:
            await asyncio.gather(ears.dispatch.redrive(TOPIC, str(trainer)), ears.twin().redrive(TOPIC, str(trainer)))

        await asyncio.gather(arrive(), redrive())
        await ears.dispatch.redrive(TOPIC, str(trainer))
        assert [what for one, what in await ears.heard() if one == trainer] == ["paused", *["left other"] * 3]
    assert (await ears.count("parked_keys"), await ears.count("parked_events")) == (0, 0)


async def test_parking_while_the_key_is_being_freed_leaves_no_event_without_a_key(ears: Ears) -> None:
    """Seen red with ``ON CONFLICT DO NOTHING``: it does not wait for the redrive that holds the row."""
    trainer = new_id()
    ears.listener.react = _bug
    await ears.dispatch.batch([paused(trainer)])
    async with ears.database.begin(actor="redrive") as tx:
        found = await parking.next_parked(tx, CONSUMER, TOPIC, str(trainer))
        assert found

        async def park() -> None:
            async with ears.database.begin(actor="dispatch") as other:
                await parking.park(other, CONSUMER, left(trainer), parking.Stop(why="failed"))

        parks = asyncio.create_task(park())
        await asyncio.sleep(0.1)
        assert await parking.handled(tx, CONSUMER, found[1], found[0]) == 0
    await parks
    orphans = await ears.sql(
        "SELECT 1 FROM parked_events e WHERE NOT EXISTS (SELECT FROM parked_keys k WHERE k.key = e.key)"
    )
    assert (orphans, await ears.count("parked_events"), await ears.count("parked_keys")) == ([], 1, 1)


async def test_an_event_of_a_newer_version_is_retried_when_the_upgraded_worker_starts(ears: Ears) -> None:
    """Seen red without ``retry_newer``."""
    trainer = new_id()
    record = paused(trainer, ce_type=TrainerPaused.type.replace(".v1", ".v9"))
    await ears.dispatch.batch([record])
    # What the upgrade brings: the type is known now.
    await ears.sql(
        "UPDATE parked_events SET headers = headers || jsonb_build_object('ce_type', CAST(:type AS text))",
        type=TrainerPaused.type,
    )
    retries = ears.retries()
    assert await retries.retry_due() == 0
    assert await ears.heard() == []
    await retries._retry_newer()
    assert await retries.retry_due() == 1
    assert await ears.heard() == [(trainer, "paused")]


async def test_a_key_that_loses_its_race_does_not_hold_up_the_others(ears: Ears) -> None:
    """Seen red: the first failure ended the round, and the same key came first in the next."""
    stale, fine = new_id(), new_id()
    ears.listener.react = _missing
    await ears.dispatch.batch([paused(stale)])
    await ears.dispatch.batch([paused(fine)])

    async def loses(trainer_id: UUID, what: str, tx: Tx) -> None:
        if trainer_id == stale:
            raise StaleVersion
        await write_down(trainer_id, what, tx)

    ears.listener.react = loses
    ears.dispatch.arrived = {f"trainer/{stale}", f"trainer/{fine}"}
    await ears.retries().retry_due()
    assert await ears.heard() == [(fine, "paused")]
    assert [row.why for row in await ears.sql("SELECT why FROM parked_keys")] == ["failed"]
