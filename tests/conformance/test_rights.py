"""Each service has a login of its own on the log, and with it the rights that its code needs and no others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from aiokafka.structs import TopicPartition

from common.messaging.kafka.brokers import Brokers
from common.messaging.log import EventLog, LogUnavailable, Message, NotPermitted, Topic
from common.messaging.rights import ServiceLogin
from common.persistence import databases
from common.runtime.log_login import LogLogin
from common.service.rights import rights_of
from hto.services import NAMES, all_services
from tests.conformance.conftest import PostgresServer, Server
from tests.conformance.quick import quick_log
from tests.conformance.reading import message, send, take, texts
from tests.support.containers import patiently

CONTACTS = "hto.registry.contacts"
PASSWORDS = {name: f"geheim-{name}" for name in NAMES}
TOPICS = [topic for service in all_services() for topic in service.topics]

LogAs = Callable[..., Coroutine[None, None, EventLog]]


def logins(*names: str) -> list[ServiceLogin]:
    return [
        ServiceLogin(rights=rights_of(service, NAMES), user=f"hto_{service.name}", password=PASSWORDS[service.name])
        for service in all_services()
        if not names or service.name in names
    ]


@pytest.fixture
async def admin(server: Server) -> AsyncIterator[EventLog]:
    if isinstance(server, PostgresServer):
        for missing in await databases.check_all([server.administrator.dsn]):
            await databases.create(missing)
    log = quick_log(server.administrator)
    await patiently(lambda: log.create_topics(TOPICS))
    await patiently(lambda: log.grant(logins()))
    yield log
    await log.stop()


@pytest.fixture
async def log_as(server: Server, admin: EventLog) -> AsyncIterator[LogAs]:
    """The log as a service enters it."""
    opened: list[EventLog] = []

    async def enter(service: str, password: str | None = None) -> EventLog:
        opened.append(quick_log(login_of(server, service, password)))
        return opened[-1]

    yield enter
    for log in opened:
        await log.stop()


def login_of(server: Server, service: str, password: str | None = None) -> LogLogin:
    return server.login_as(f"hto_{service}", password or PASSWORDS[service])


@asynccontextmanager
async def database(login: LogLogin) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """The log's database without our own code."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(login.dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def everything_in(log: EventLog, topic: str) -> list[str]:
    subscription = await log.subscribe([topic], group=None)
    count = sum([lag.events for lag in (await subscription.lag()).values()])
    found = texts(await take(subscription, count)) if count else []
    await subscription.close()
    return found


async def refused(log: EventLog, topics: Sequence[str], group: str | None) -> bool:
    """Whether this log lets nobody read these topics as this group."""
    with suppress(NotPermitted):
        subscription = await log.subscribe(topics, group=group)
        async with asyncio.timeout(20):
            while not subscription.assigned():
                await subscription.poll(limit=10, wait=0.1)
        return False
    return True


@pytest.mark.parametrize("group", ["hto.matching", None])
async def test_matching_cannot_read_contacts(admin: EventLog, log_as: LogAs, group: str | None) -> None:
    assert await refused(await log_as("matching"), [CONTACTS], group)
    assert not await refused(await log_as("notifications"), [CONTACTS], "hto.notifications")


async def test_matching_cannot_read_contacts_around_our_own_code(server: Server, admin: EventLog) -> None:
    await send(await admin.producer("registry"), [message(CONTACTS, "person", "a name")])
    login = login_of(server, "matching")
    if isinstance(server, PostgresServer):
        every = (
            "SELECT count(*) FROM eventlog.records r JOIN eventlog.partitions p ON p.id = r.partition AND topic = $1"
        )
        hidden = "SELECT count(*) FROM eventlog.records WHERE key = 'person'"
        async with database(login) as connection:
            assert (await connection.fetchval(every, CONTACTS), await connection.fetchval(hidden)) == (0, 0)
        return
    consumer = AIOKafkaConsumer(**Brokers.of(login).client, group_id=None, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(CONTACTS, number) for number in range(6)])
        # The broker does not even say where its partitions are.
        with suppress(TopicAuthorizationFailedError):
            assert await consumer.getmany(timeout_ms=3_000) == {}
    finally:
        await consumer.stop()


@pytest.mark.parametrize(
    ("service", "topic"),
    [
        ("notifications", "hto.contracts.events"),
        ("operations", "hto.registry.events"),
        ("contracts", "hto.registry.policies"),
        ("matching", CONTACTS),
    ],
)
async def test_a_service_cannot_publish_to_the_topic_of_another(
    admin: EventLog, log_as: LogAs, service: str, topic: str
) -> None:
    producer = await (await log_as(service)).producer("forger")
    assert list(await producer.send([message(topic, "k", f"forged by {service}")], within=5)) == []
    assert [refusal.of_topic for refusal in producer.refused.values()] == [True]
    assert f"forged by {service}" not in await everything_in(admin, topic)
    await send(producer, [message(f"hto.{service}.events", "k", "its own")])


async def test_a_service_cannot_publish_to_the_topic_of_another_around_our_own_code(
    server: Server, admin: EventLog
) -> None:
    login = login_of(server, "notifications")
    if isinstance(server, PostgresServer):
        place = "SELECT id FROM eventlog.partitions WHERE topic = 'hto.contracts.events' ORDER BY id LIMIT 1"
        forged = f"INSERT INTO eventlog.records SELECT 9999, now(), ({place}), false, 'k', '{{}}', 'forged'"
        async with database(login) as connection:
            moved = await connection.execute(f"UPDATE eventlog.partitions SET next_offset = 0 WHERE id = ({place})")
            gone = await connection.execute("DELETE FROM eventlog.records WHERE NOT compacted")
            assert (moved, gone) == ("UPDATE 0", "DELETE 0")
            for statement in (forged, "TRUNCATE eventlog.records", "DROP TABLE eventlog.records"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        return
    producer = AIOKafkaProducer(**Brokers.of(login).client)
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("hto.contracts.events", b"forged", partition=0)
    finally:
        await producer.stop()


async def test_a_service_cannot_join_the_group_of_another(log_as: LogAs) -> None:
    topic = "hto.registry.events"  # both may read it
    assert await refused(await log_as("contracts"), [topic], "hto.notifications")
    assert not await refused(await log_as("contracts"), [topic], "hto.contracts.rebuilt")


async def test_a_service_cannot_commit_offsets_of_the_group_of_another(
    server: Server, admin: EventLog, log_as: LogAs
) -> None:
    topic = "hto.registry.events"
    assert not await refused(await log_as("notifications"), [topic], "hto.notifications")
    login = login_of(server, "contracts")
    if isinstance(server, PostgresServer):
        async with database(server.administrator) as owner:
            group = await owner.fetchval("SELECT id FROM eventlog.groups WHERE name = 'hto.notifications'")
        async with database(login) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(
                    "INSERT INTO eventlog.offsets SELECT $1, id, 99 FROM eventlog.partitions WHERE topic = $2",
                    *(group, "hto.contracts.events"),
                )
            moved = await connection.execute("UPDATE eventlog.offsets SET next_offset = 0 WHERE group_id = $1", group)
            assert moved == "UPDATE 0"
        return
    consumer = AIOKafkaConsumer(**Brokers.of(login).client, group_id="hto.notifications", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        with pytest.raises(GroupAuthorizationFailedError):
            await asyncio.wait_for(consumer.commit({TopicPartition(topic, 0): 99}), 20)
    finally:
        await consumer.stop()


@pytest.mark.parametrize("login", logins(), ids=lambda login: login.rights.service)
async def test_a_service_can_do_with_its_own_login_all_that_its_code_does(log_as: LogAs, login: ServiceLogin) -> None:
    rights = login.rights
    log = await log_as(rights.service)
    await log.check()
    producer = await log.producer(rights.service)
    await send(producer, [Message(topic=topic, key="k", value=b"{}") for topic in rights.writes])
    subscription = await log.subscribe(rights.reads, group=rights.group)
    counts = {topic: await log.partitions(topic) for topic in rights.reads}
    async with asyncio.timeout(30):
        while len(subscription.assigned()) < sum(counts.values()):
            await subscription.poll(limit=1, wait=0.2)
    records = await subscription.poll(limit=100, wait=1)
    await subscription.commit({record.place: record.offset + 1 for record in records})
    assert len(await subscription.lag()) == sum(counts.values())
    await subscription.close()


async def test_a_right_given_once_is_not_given_again(admin: EventLog) -> None:
    assert list(await admin.grant(logins())) == []


async def test_given_rights_are_reported(server: Server, admin: EventLog) -> None:
    [first] = logins("matching")
    other = ServiceLogin(rights=first.rights, user="hto_matching_elsewhere", password="geheim")
    said = "\n".join(await admin.grant([other]))
    assert "hto_matching_elsewhere" in said
    assert "hto.matching.events" in said
    assert "geheim" not in said
    await admin.grant([first])  # on PostgreSQL a service has one login


async def test_a_wrong_password_is_refused(log_as: LogAs) -> None:
    log = await log_as("matching", "not the password")
    with pytest.raises(NotPermitted):
        await log.check()


async def test_a_service_makes_no_topics_and_gives_no_rights(log_as: LogAs) -> None:
    log = await log_as("operations")
    with pytest.raises(NotPermitted):
        await log.create_topics([Topic(name="its.own", partitions=1)])
    with pytest.raises(NotPermitted):
        await log.grant(logins("operations"), reset_passwords=True)


async def test_a_password_can_be_reset(admin: EventLog, log_as: LogAs) -> None:
    [login] = logins("contracts")
    changed = ServiceLogin(rights=login.rights, user=login.user, password="another one")
    assert await admin.grant([changed]) == []
    said = await admin.grant([changed], reset_passwords=True)
    assert [login.user in line for line in said] == [True]
    try:
        await (await log_as("contracts", "another one")).check()
        with pytest.raises(LogUnavailable):
            await (await log_as("contracts")).check()
    finally:
        await admin.grant([login], reset_passwords=True)


async def test_rights_that_an_administrator_gave_stay(server: Server, admin: EventLog) -> None:
    if isinstance(server, PostgresServer):
        async with database(server.administrator) as owner:
            await owner.execute("CREATE POLICY by_hand ON eventlog.records FOR SELECT TO hto_contracts USING (false)")
            await admin.grant(logins())
            assert await owner.fetchval("SELECT count(*) FROM pg_policies WHERE policyname = 'by_hand'") == 1
            await owner.execute("DROP POLICY by_hand ON eventlog.records")
        return
    [login] = logins("contracts")
    more = ServiceLogin(rights=rights_of(all_services()[1], NAMES), user=login.user, password=login.password)
    await admin.grant([more])
    said = list(await admin.grant([login]))
    assert any("left as it is" in line and "hto.matching.events" in line for line in said)
