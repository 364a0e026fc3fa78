"""What only the PostgreSQL log has: its counters, its tables, and backends that outlive their client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from common.messaging.log import EventLog, LogUnavailable, Partition, Topic, UnknownTopic
from common.messaging.pglog.connection import ReconnectingConnection
from tests.conformance.conftest import PostgresServer
from tests.conformance.quick import quick_log
from tests.conformance.reading import PATIENCE, Reader, after, message, send, take, texts, until
from tests.conformance.relay import Wire

COUNTERS = "SELECT id FROM eventlog.partitions WHERE topic = $1 FOR NO KEY UPDATE"
WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'test-%'
    """


async def until_found(database: asyncpg.Connection[asyncpg.Record], count: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await database.fetchval(count):
            await database.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees it once
            await asyncio.sleep(0.01)


@pytest.fixture
async def wire(only_postgres: PostgresServer) -> AsyncIterator[Wire]:
    async with Wire(*only_postgres.wire_ports) as made:
        yield made


@pytest.fixture
async def log(only_postgres: PostgresServer) -> AsyncIterator[EventLog]:
    opened = quick_log(only_postgres.url)
    await opened.check()
    yield opened
    await opened.stop()


@pytest.fixture
async def database(only_postgres: PostgresServer) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection of our own, beside the log."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(only_postgres.url)
    yield connection
    await connection.close()


async def test_an_append_waits_for_the_one_before_it_and_then_follows_it(
    log: EventLog, database: asyncpg.Connection[asyncpg.Record]
) -> None:
    """No later offset is visible before an earlier one.

    Seen to fail without ``FOR NO KEY UPDATE``: both took offset 0, a unique violation.
    """
    await log.create_topics([Topic(name="counted", partitions=1)])
    producer = await log.producer("test")
    reader = await log.subscribe(["counted"], group=None)
    transaction = database.transaction()
    await transaction.start()
    (counter,) = await database.fetch(COUNTERS, "counted")
    await database.execute(
        """
        INSERT INTO eventlog.records ("offset", at, partition, compacted, key, headers, value)
        VALUES (0, now(), $1, false, 'k', '{}', 'first')
        """,
        counter["id"],
    )
    await database.execute("UPDATE eventlog.partitions SET next_offset = 1 WHERE id = $1", counter["id"])
    sending = asyncio.create_task(producer.send([message("counted", "k", "second")], within=30))
    await until_found(database, WAITING)
    assert list(await reader.poll(limit=10, wait=0.1)) == []
    await transaction.commit()
    assert list(await sending) == [0]
    records = await take(reader, 2)
    assert [(record.offset, record.value) for record in records] == [(0, b"first"), (1, b"second")]


async def test_a_send_that_was_given_up_keeps_no_counter_locked(
    only_postgres: PostgresServer, wire: Wire, log: EventLog, database: asyncpg.Connection[asyncpg.Record]
) -> None:
    """A backend whose client is gone unnoticed, in a transaction, is ended.

    Seen to fail without ``_bury_those_left``: nobody could append before the server's own timeout, 30 seconds later.
    """
    await log.create_topics([Topic(name="locked", partitions=1)])
    relayed = quick_log(only_postgres.relayed)
    producer = await relayed.producer("test")
    await send(producer, [message("locked", "k", "first")])
    async with database.transaction():
        await database.fetch(COUNTERS, "locked")
        sending = asyncio.create_task(producer.send([message("locked", "k", "given up")], within=1))
        await until_found(database, WAITING)
        wire.hold()
    # Now it gets the lock, and the next statement never arrives.
    assert list(await sending) == []
    await producer.abort()
    other = await log.producer("other")
    assert list(await other.send([message("locked", "k", "other")], within=10)) == [0]
    assert texts(await take(await log.subscribe(["locked"], group=None), 2)) == ["first", "other"]
    wire.release()
    await relayed.stop()


async def test_an_abort_that_reaches_nobody_is_made_good_by_the_next_send(
    only_postgres: PostgresServer, wire: Wire
) -> None:
    relayed = quick_log(only_postgres.relayed)
    await relayed.create_topics([Topic(name="made-good", partitions=1)])
    producer = await relayed.producer("relay")
    await send(producer, [message("made-good", "k", "first")])
    wire.hold()
    sending = asyncio.create_task(producer.send([message("made-good", "k", "given up")], within=3600))
    await until("bytes on the wire", lambda: wire.held_bytes)
    await wire.cut()
    await producer.abort()
    assert list(await sending) == []
    await wire.mend()
    await send(producer, [message("made-good", "k", "second")])
    assert texts(await take(await relayed.subscribe(["made-good"], group=None), 2)) == ["first", "second"]
    await relayed.stop()


async def test_time_never_runs_backwards_within_a_partition(
    log: EventLog, database: asyncpg.Connection[asyncpg.Record]
) -> None:
    """Seen to fail with the server's time in the place of ``greatest(last_at, …)``."""
    await log.create_topics([Topic(name="timed", partitions=1)])
    ahead = datetime(2100, 1, 1, tzinfo=UTC)
    await database.execute("UPDATE eventlog.partitions SET last_at = $1 WHERE topic = 'timed'", ahead)
    await send(await log.producer("any"), [message("timed", "k", "x")])
    reader = await log.subscribe(["timed"], group=None)
    (record,) = await take(reader, 1)
    assert record.timestamp == ahead
    assert (await reader.lag())[Partition("timed", 0)].seconds == 0.0


async def test_members_that_read_different_topics_share_what_they_have_in_common(log: EventLog) -> None:
    await log.create_topics([Topic(name="common", partitions=4), Topic(name="extra", partitions=2)])
    old = Reader(await log.subscribe(["common"], group="rolling"))
    new = Reader(await log.subscribe(["common", "extra"], group="rolling"))
    await until(
        "a share each",
        lambda: len(old.places) == len(new.places) == 3 and {place.topic for place in old.places} == {"common"},
    )
    assert {Partition("extra", 0), Partition("extra", 1)} <= new.places
    await old.stop()
    await new.stop()


async def test_a_member_whose_backend_was_ended_loses_its_batch_and_joins_again(
    log: EventLog, database: asyncpg.Connection[asyncpg.Record]
) -> None:
    await log.create_topics([Topic(name="ended", partitions=2)])
    await send(await log.producer("any"), [message("ended", str(n), str(n)) for n in range(10)])
    subscription = await log.subscribe(["ended"], group="ended")
    in_hand = await take(subscription, 10)
    await database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ended-%'"
    )
    await until("the loss", lambda: not subscription.assigned())
    again = await take(subscription, 10)
    assert sorted(texts(again)) == sorted(texts(in_hand))
    await subscription.commit(after(again))
    assert subscription.assigned() == {Partition("ended", 0), Partition("ended", 1)}


async def test_a_member_that_the_others_gave_up_joins_again(
    log: EventLog, database: asyncpg.Connection[asyncpg.Record]
) -> None:
    await log.create_topics([Topic(name="given-up", partitions=1)])
    reader = Reader(await log.subscribe(["given-up"], group="given-up"))
    await until("the partition", lambda: reader.places)
    await database.execute("DELETE FROM eventlog.members")
    await send(await log.producer("any"), [message("given-up", "k", "x")])
    await until("the record", lambda: reader.seen)
    await until_found(database, "SELECT count(*) FROM eventlog.members")
    await until("the partition again", lambda: reader.places)
    await reader.stop()


async def test_a_connection_that_is_cut_while_a_statement_begins_is_a_log_that_does_not_answer(
    only_postgres: PostgresServer,
) -> None:
    """Seen red: lag was measured at that moment, and asyncpg asked a protocol that it had no more."""
    link = ReconnectingConnection(only_postgres.url, "test")

    async def ask(what: str, *, cut: bool) -> None:
        async with link.acquire() as connection:
            if cut:
                link.abort()
            getattr(connection, what)()

    with pytest.raises(LogUnavailable):
        await ask("is_in_transaction", cut=True)
    with pytest.raises(AttributeError):  # a fault of ours stays one
        await ask("nothing", cut=False)
    await link.close()


async def test_everyone_may_make_the_tables_at_once(only_postgres: PostgresServer) -> None:
    async with asyncio.timeout(30):
        connection = await asyncpg.connect(only_postgres.url)
        await connection.execute("CREATE DATABASE empty")
        await connection.close()
        logs = [quick_log(only_postgres.url.replace("/postgres", "/empty")) for _ in range(5)]
        with pytest.raises(UnknownTopic):
            await logs[0].partitions("test")
        await asyncio.gather(*(log.create_topics([Topic(name="test", partitions=2)]) for log in logs))
        assert await logs[0].partitions("test") == 2
        await asyncio.gather(*(log.stop() for log in logs))


async def test_a_database_that_is_not_there_is_a_log_that_does_not_answer(only_postgres: PostgresServer) -> None:
    with pytest.raises(LogUnavailable):
        await quick_log(only_postgres.url.replace("/postgres", "/nowhere")).check()


@pytest.mark.parametrize(
    ("stored", "read"), [("no json", {}), ("[1]", {}), ('{"odd": 7, "good": "yes"}', {"odd": "", "good": "yes"})]
)
async def test_a_record_of_a_foreign_writer_stops_nobody(
    log: EventLog, database: asyncpg.Connection[asyncpg.Record], stored: str, read: dict[str, str]
) -> None:
    """Seen red: the reader raised at each poll, and read nothing any more."""
    topic = f"foreign-{len(stored)}"
    await log.create_topics([Topic(name=topic, partitions=1)])
    await send(await log.producer("test"), [message(topic, "k", "odd"), message(topic, "k", "next")])
    of_topic = "partition = (SELECT id FROM eventlog.partitions WHERE topic = $1)"
    await database.execute(f'UPDATE eventlog.records SET headers = $2 WHERE "offset" = 0 AND {of_topic}', topic, stored)
    odd, following = await take(await log.subscribe([topic], group=None), 2)
    assert (dict(odd.headers), following.value) == (read, b"next")
