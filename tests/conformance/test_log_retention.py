"""The PostgreSQL log removes events past their term, as a service's own login and with row-level security on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from common.messaging.log import EventLog, NotPermitted
from common.messaging.rights import ServiceLogin
from common.persistence import databases
from common.service.rights import rights_of
from hto.services import NAMES, all_services
from tests.conformance.conftest import PostgresServer
from tests.conformance.quick import quick_log
from tests.conformance.reading import after, message, send, take, texts

EVENTS = "hto.registry.events"
CONTACTS = "hto.registry.contacts"
YEAR = timedelta(days=365)
ALL = 1000


@pytest.fixture
async def admin(only_postgres: PostgresServer) -> AsyncIterator[EventLog]:
    for missing in await databases.check_all([only_postgres.administrator.dsn]):
        await databases.create(missing)
    log = quick_log(only_postgres.administrator)
    await log.create_topics([topic for service in all_services() for topic in service.topics])
    await log.grant(
        [
            ServiceLogin(rights=rights_of(service, NAMES), user=f"hto_{service.name}", password="geheim")
            for service in all_services()
        ]
    )
    yield log
    await log.stop()


@pytest.fixture
async def owner(admin: EventLog, only_postgres: PostgresServer) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """The tables' owner, with an empty log before and after."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(only_postgres.administrator.dsn)
    await connection.execute("SET search_path = eventlog")
    yield connection
    await connection.execute("TRUNCATE records, starts, offsets, members")
    await connection.execute("UPDATE partitions SET next_offset = 0, last_at = 'epoch'")
    await connection.close()


@pytest.fixture
async def registry(admin: EventLog, only_postgres: PostgresServer) -> AsyncIterator[EventLog]:
    log = quick_log(only_postgres.login_as("hto_registry", "geheim"))
    yield log
    await log.stop()


async def sent(registry: EventLog, owner: asyncpg.Connection[asyncpg.Record], *keys: str, years: int = 0) -> None:
    """Events in the log, as if it had taken them in so many years ago."""
    await send(await registry.producer("registry"), [message(EVENTS, "one-key", key) for key in keys])
    named = [key.encode() for key in keys]
    await owner.execute("UPDATE records SET at = at - $2::interval WHERE value = ANY($1)", named, years * YEAR)


async def left(owner: asyncpg.Connection[asyncpg.Record]) -> list[str]:
    return [
        row["value"].decode() for row in await owner.fetch('SELECT value FROM records ORDER BY partition, "offset"')
    ]


async def test_a_service_removes_what_is_past_its_term_from_its_own_topic(
    registry: EventLog, owner: asyncpg.Connection[asyncpg.Record], only_postgres: PostgresServer
) -> None:
    """A plain DELETE by the same login finds no row, and says nothing."""
    await sent(registry, owner, "a", "b", years=3)
    await sent(registry, owner, "c")
    login: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
        only_postgres.login_as("hto_registry", "geheim").dsn
    )
    assert await login.execute("DELETE FROM eventlog.records") == "DELETE 0"
    await login.close()
    purged = await registry.purge(EVENTS, 2 * YEAR, at_most=ALL)
    assert (purged.removed, purged.held_by) == (2, ())
    assert await left(owner) == ["c"]
    assert (await registry.purge(EVENTS, 2 * YEAR, at_most=ALL)).removed == 0


async def test_it_removes_no_more_at_once_than_it_is_asked_to(
    registry: EventLog, owner: asyncpg.Connection[asyncpg.Record]
) -> None:
    await sent(registry, owner, "a", "b", "c", years=3)
    assert (await registry.purge(EVENTS, YEAR, at_most=2)).removed == 2
    assert await left(owner) == ["c"]


async def test_records_that_a_group_has_not_read_stay_and_the_group_is_named(
    registry: EventLog, admin: EventLog, owner: asyncpg.Connection[asyncpg.Record]
) -> None:
    await sent(registry, owner, "a", "b", years=3)
    reader = await admin.subscribe([EVENTS], group="hto.slow")
    [first, _] = await take(reader, 2)
    await reader.commit(after([first]))
    purged = await registry.purge(EVENTS, YEAR, at_most=ALL)
    assert (purged.removed, purged.held_by) == (1, ("hto.slow",))
    again = await registry.purge(EVENTS, YEAR, at_most=ALL)
    assert (again.removed, again.held_by) == (0, ("hto.slow",))
    assert await left(owner) == ["b"]
    await reader.close()


async def test_a_reader_from_the_start_begins_at_the_first_record_left(
    registry: EventLog, admin: EventLog, owner: asyncpg.Connection[asyncpg.Record]
) -> None:
    await sent(registry, owner, "a", years=3)
    await sent(registry, owner, "b")
    await registry.purge(EVENTS, YEAR, at_most=ALL)
    reader = await admin.subscribe([EVENTS], group="hto.new")
    assert texts(await take(reader, 1)) == ["b"]
    await reader.close()


@pytest.mark.parametrize("topic", ["hto.matching.events", CONTACTS])
async def test_a_service_purges_no_topic_of_another_and_no_compacted_one(
    registry: EventLog, owner: asyncpg.Connection[asyncpg.Record], topic: str
) -> None:
    del owner
    with pytest.raises((NotPermitted, ValueError)):
        await registry.purge(topic, YEAR, at_most=ALL)


async def test_no_term_is_shorter_than_the_log_allows(
    registry: EventLog, owner: asyncpg.Connection[asyncpg.Record]
) -> None:
    await sent(registry, owner, "a", years=3)
    with pytest.raises(ValueError, match="30 days"):
        await registry.purge(EVENTS, timedelta(days=1), at_most=ALL)
    assert await left(owner) == ["a"]


async def test_compacted_topics_compact_as_the_service_itself(
    registry: EventLog, owner: asyncpg.Connection[asyncpg.Record]
) -> None:
    producer = await registry.producer("registry")
    for text in ("first", "second", "third"):
        await send(producer, [message(CONTACTS, "person", text)])
    assert await left(owner) == ["third"]
