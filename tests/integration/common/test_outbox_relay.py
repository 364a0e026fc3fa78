"""The relay: what committed is sent, in order, at least once, and only what was acknowledged is forgotten."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import asyncpg
from prometheus_client import REGISTRY

from common.messaging.log import Message
from common.messaging.outbox import CHANNEL, Notifier, Relay
from common.persistence.database import Database
from events.registry import ConsentGiven, TrainerLeft, TrainerPaused
from tests.support.plumbing import TOPIC, MeddledLog, all_of, opened, quicker, working
from tests.support.sample import eventually, new_id, rows_in, tell_paused


def _sent(event_log: MeddledLog) -> list[Message]:
    return [message for meddler in event_log.meddlers for batch in meddler.sent for message in batch]


async def _empty(database: Database) -> None:
    async def empty() -> bool:
        return await rows_in(database.url, "outbox") == 0

    await eventually(empty)


async def test_visible_rows_are_sent_in_the_order_of_publication(teller: Database, meddled: MeddledLog) -> None:
    """Seen red with ``ORDER BY id`` (random ids here) in the place of ``ORDER BY position``."""
    trainers = [new_id() for _ in range(30)]
    for trainer in trainers:
        await tell_paused(teller, trainer)
    async with teller.engine.begin() as connection:
        # A heap that was rewritten in another order, as after VACUUM FULL or many updates.
        await connection.exec_driver_sql("CREATE TABLE shuffled AS SELECT * FROM outbox ORDER BY md5(id::text)")
        await connection.exec_driver_sql("UPDATE shuffled SET id = gen_random_uuid()")
        await connection.exec_driver_sql("DELETE FROM outbox")
        await connection.exec_driver_sql("INSERT INTO outbox OVERRIDING SYSTEM VALUE SELECT * FROM shuffled")
    async with working(Relay(teller, meddled).run()):
        await _empty(teller)
    assert [message.key for message in _sent(meddled)] == [str(trainer) for trainer in trainers]


async def test_of_two_relays_only_the_holder_of_the_lock_works_and_the_other_takes_over(
    teller: Database, meddled: MeddledLog
) -> None:
    """Seen red without ``pg_try_advisory_lock``: both made a producer and sent everything twice."""
    first, second = Relay(teller, meddled), Relay(teller, meddled)
    async with working(first.run()) as (one,):

        async def first_works() -> bool:
            return first.active

        await eventually(first_works)
        async with working(second.run()):
            for _ in range(20):
                await tell_paused(teller, new_id())
            await _empty(teller)
            assert (second.active, len(meddled.meddlers)) == (False, 1)
            one.cancel()

            async def second_works() -> bool:
                return second.active

            await eventually(second_works)
            await tell_paused(teller, new_id())
            await _empty(teller)
    assert len(_sent(meddled)) == 21


async def test_a_relay_that_loses_its_lock_aborts_its_producer_before_anything_else(
    teller: Database, meddled: MeddledLog
) -> None:
    """In the middle of a send that hangs. Seen red without the termination listener (it hung on until the end of
    the acknowledgement's time) and without ``abort`` (the producer was closed with its messages in flight)."""
    relay = Relay(teller, meddled)
    async with working(relay.run()):

        async def ready() -> bool:
            return bool(meddled.meddlers)

        await eventually(ready)
        producer = meddled.meddlers[0]
        producer.holding.clear()
        await tell_paused(teller, new_id())

        async def sending() -> bool:
            return "send" in producer.happened

        await eventually(sending)
        await _end_connections(teller, "hto-registry-relay")

        async def ended() -> bool:
            return "close" in producer.happened

        await eventually(ended, within=5)
        assert producer.happened == ["send", "abort", "close"]
        assert producer.sent == []
        await _empty(teller)
    assert len(_sent(meddled)) == 1


async def test_only_what_was_acknowledged_is_deleted_and_the_rest_is_sent_again(
    teller: Database, meddled: MeddledLog
) -> None:
    """Seen red with ``DELETE … WHERE position <= <the last one acknowledged>``."""
    meddled.drop.add(ConsentGiven.type)
    trainer = new_id()
    async with teller.begin(actor="test") as tx:
        tx.publish(TrainerPaused(trainer_id=trainer))
        tx.publish(ConsentGiven(trainer_id=new_id(), until=date(2027, 1, 1)))
        tx.publish(TrainerLeft(trainer_id=trainer, reason="other"))
    async with working(Relay(teller, meddled).run()):
        await _empty(teller)
    batches = [batch for meddler in meddled.meddlers for batch in meddler.sent]
    types = [[message.headers["ce_type"] for message in batch] for batch in batches]
    assert types == [[TrainerPaused.type, ConsentGiven.type, TrainerLeft.type], [ConsentGiven.type]]
    assert meddled.meddlers[0].happened == ["send", "abort", "close"]


async def test_a_row_that_becomes_visible_late_with_a_lower_position_is_not_lost(
    teller: Database, meddled: MeddledLog
) -> None:
    """It took its position first and commits while the relay has a later one in hand: the mistake of the prototype.

    Seen red with ``DELETE … WHERE position <= $1``: the late row was deleted unsent.
    """
    late, early = new_id(), new_id()
    async with working(Relay(teller, meddled).run()):

        async def ready() -> bool:
            return bool(meddled.meddlers)

        await eventually(ready)
        producer = meddled.meddlers[0]
        async with teller.begin(actor="test") as tx:
            tx.publish(TrainerPaused(trainer_id=late))
            await tx.flush()
            producer.holding.clear()
            await tell_paused(teller, early)

            async def sending() -> bool:
                return "send" in producer.happened

            await eventually(sending)
        producer.holding.set()
        await _empty(teller)
    records = await all_of(meddled, TOPIC, at_least=2)
    assert sorted(record.key for record in records) == sorted([str(late), str(early)])


async def test_many_writers_lose_nothing_and_keep_the_order_of_every_key(teller: Database, meddled: MeddledLog) -> None:
    """Each writer holds its key's row lock, as ``Store.apply`` does; commits overtake one another freely.

    Seen red with ``DELETE … WHERE position <= <the last one acknowledged>``."""
    keys = [new_id() for _ in range(5)]

    async def write(key: UUID, number: int) -> None:
        async with teller.begin(actor="test") as tx:
            await tx.set_deadline("lock", key, tx.now)
            tx.publish(TrainerLeft(trainer_id=key, reason="other"), sequence=number)
            await tx.flush()
            await asyncio.sleep(0.001 * (number % 3))

    async def writer(key: UUID) -> None:
        for number in range(20):
            await write(key, number)

    async with working(Relay(teller, meddled).run()):
        await asyncio.gather(*(writer(key) for key in keys))
        await _empty(teller)
    records = await all_of(meddled, TOPIC, at_least=100)
    for key in keys:
        numbers = [record.headers["ce_sequence"] for record in records if record.key == str(key)]
        assert numbers == [str(number) for number in range(20)]


async def test_a_relay_survives_that_its_connection_is_ended_again_and_again(
    teller: Database, meddled: MeddledLog
) -> None:
    """Seen red with a ``run`` that does not catch the loss of its connection."""
    relay = Relay(teller, meddled)
    async with working(relay.run()) as (task,):
        for _ in range(3):
            await tell_paused(teller, new_id())
            await _empty(teller)
            await _end_connections(teller, "hto-registry-relay")
        await tell_paused(teller, new_id())
        await _empty(teller)
        assert not task.done()
    assert len({message.headers["ce_id"] for message in _sent(meddled)}) == 4


async def test_the_notifier_wakes_the_relay_of_another_process(teller: Database, meddled: MeddledLog) -> None:
    """With polls this far apart. Seen red with a notifier that sends no ``NOTIFY``."""
    async with opened(teller.url, "registry") as elsewhere:
        with quicker(Relay, POLL=3600):
            relay = Relay(teller, meddled)
            async with working(relay.run(), Notifier(elsewhere).run()):

                async def works() -> bool:
                    return relay.active

                await eventually(works)
                await tell_paused(elsewhere, new_id())
                await _empty(teller)


async def test_a_wake_up_that_gets_lost_costs_a_poll_and_no_event(teller: Database, meddled: MeddledLog) -> None:
    """Seen red without the poll."""
    async with opened(teller.url, "registry") as elsewhere, working(Relay(teller, meddled).run()):
        await tell_paused(elsewhere, new_id())
        await _empty(teller)

        async def waits() -> bool:
            return REGISTRY.get_sample_value("hto_outbox_rows", {"service": "registry"}) == 0

        await eventually(waits)  # it has looked and found nothing; nobody wakes it now
        await tell_paused(elsewhere, new_id())
        await _empty(teller)


async def test_no_notification_is_sent_inside_the_writing_transaction(teller: Database) -> None:
    """NOTIFY takes a lock of the whole cluster at commit: it would put all commits in a row.

    Seen red with a ``NOTIFY outbox`` in ``Tx.flush``."""
    listening: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(teller.url)
    heard: list[object] = []
    await listening.add_listener(CHANNEL, lambda *_: heard.append(1))
    await tell_paused(teller, new_id())
    await listening.execute("SELECT 1")
    assert heard == []
    await listening.close()


async def _end_connections(database: Database, name: str) -> None:
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(database.url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = $1 AND datname = current_database()",
        name,
    )
    await connection.close()
