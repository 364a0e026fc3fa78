"""On Kafka a topic's own settings follow the term of its events, set by the service that publishes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NoError, TopicAuthorizationFailedError, for_code

from common.messaging.kafka.brokers import Brokers
from common.messaging.log import EventLog, NotPermitted, UnknownTopic
from common.messaging.rights import ServiceLogin
from common.runtime.log_login import LogLogin
from common.service.rights import rights_of
from hto.services import NAMES, all_services
from tests.conformance.conftest import KafkaServer
from tests.conformance.quick import quick_log
from tests.support.containers import patiently

EVENTS = "hto.registry.events"
CONTACTS = "hto.registry.contacts"
SEVEN_YEARS = timedelta(days=2557)
MADE = {"cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime", "retention.bytes": "-1"}

pytestmark = [pytest.mark.containers, pytest.mark.parametrize("server", [KafkaServer], indirect=True)]


@pytest.fixture
async def admin(server: KafkaServer) -> AsyncIterator[EventLog]:
    """The topics as ``hto migrate`` leaves them; the other tests of this broker have users of their own."""
    log = quick_log(server.administrator)
    services = [service for service in all_services() if service.name in {"registry", "matching"}]
    await patiently(lambda: log.create_topics([topic for service in services for topic in service.topics]))
    await patiently(
        lambda: log.grant(
            [
                ServiceLogin(rights=rights_of(service, NAMES), user=f"term_{service.name}", password="geheim")
                for service in services
            ]
        )
    )
    await alter(server.administrator, EVENTS, MADE | {"retention.ms": "-1"})
    yield log
    await log.stop()


@pytest.fixture
async def registry(server: KafkaServer, admin: EventLog) -> AsyncIterator[EventLog]:
    log = quick_log(server.login_as("term_registry", "geheim"))
    yield log
    await log.stop()


@pytest.fixture
async def matching(server: KafkaServer, admin: EventLog) -> AsyncIterator[EventLog]:
    log = quick_log(server.login_as("term_matching", "geheim"))
    yield log
    await log.stop()


async def alter(login: LogLogin, topic: str, settings: Mapping[str, str]) -> None:
    """Give a topic these settings and no others, without our own code."""
    client = AIOKafkaAdminClient(**Brokers.of(login).client)
    await client.start()
    try:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict(settings))
        for answer in await client.alter_configs([resource]):
            for code, message, *_ in answer.resources:
                if code != NoError.errno:
                    raise for_code(code)(message)
    finally:
        await client.close()


async def settings(server: KafkaServer, topic: str) -> dict[str, str]:
    """What a topic was given, beyond the brokers' defaults."""
    client = AIOKafkaAdminClient(**Brokers.of(server.administrator).client)
    await client.start()
    try:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, None)
        [answer] = await client.describe_configs([resource])
        [[*_, entries]] = answer.resources
        dynamic = 1
        return {name: value for name, value, _, source, *_ in entries if source == dynamic}
    finally:
        await client.close()


async def kept_ms(server: KafkaServer) -> str:
    return (await settings(server, EVENTS))["retention.ms"]


async def purge(log: EventLog, keep: timedelta | None, topic: str = EVENTS) -> Any:
    return await log.purge(topic, keep, at_most=1)


async def test_a_topic_of_events_follows_the_term_and_what_changed_is_said_once(
    server: KafkaServer, registry: EventLog
) -> None:
    purged = await purge(registry, SEVEN_YEARS)
    assert purged.changed == ("retention.ms: -1 is now 220924800000",)
    assert (purged.removed, purged.held_by) == (0, ())
    assert await settings(server, EVENTS) == MADE | {"retention.ms": "220924800000"}, "the others stay"
    assert (await purge(registry, SEVEN_YEARS)).changed == ()


@pytest.mark.parametrize(
    ("later", "milliseconds"),
    [(timedelta(days=9000), "777600000000"), (timedelta(days=31), "2678400000"), (None, "-1")],
)
async def test_another_term_replaces_the_one_of_before(
    server: KafkaServer, registry: EventLog, later: timedelta | None, milliseconds: str
) -> None:
    await purge(registry, SEVEN_YEARS)
    await purge(registry, later)
    assert await kept_ms(server) == milliseconds


async def test_a_topic_made_by_hand_no_longer_loses_events_before_their_term(
    server: KafkaServer, registry: EventLog
) -> None:
    """The brokers' own default is a week, and a bound in bytes removes events of any age."""
    await alter(server.administrator, EVENTS, {"retention.bytes": "1000000"})
    purged = await purge(registry, SEVEN_YEARS)
    assert [change.split(":")[0] for change in purged.changed] == ["retention.ms", "retention.bytes"]
    assert await settings(server, EVENTS) == {"retention.ms": "220924800000", "retention.bytes": "-1"}


async def test_no_term_is_shorter_than_the_log_allows(server: KafkaServer, registry: EventLog) -> None:
    with pytest.raises(ValueError, match="30 days"):
        await purge(registry, timedelta(days=29))
    assert await kept_ms(server) == "-1"


async def test_a_service_sets_no_term_of_another_and_the_reason_names_the_remedy(
    server: KafkaServer, matching: EventLog
) -> None:
    with pytest.raises(NotPermitted, match=r"term_matching may not .*registry\.events.*hto migrate.*retention\.ms"):
        await purge(matching, SEVEN_YEARS)
    assert await kept_ms(server) == "-1"


@pytest.mark.parametrize(
    ("user", "topic"),
    [("term_matching", EVENTS), ("term_registry", "hto.matching.events"), ("term_registry", CONTACTS)],
)
async def test_a_service_alters_no_other_topic_around_our_own_code(
    server: KafkaServer, admin: EventLog, user: str, topic: str
) -> None:
    """Nor its own compacted ones: facts about people leave them by tombstone only."""
    with pytest.raises(TopicAuthorizationFailedError):
        await alter(server.login_as(user, "geheim"), topic, {"retention.ms": "1"})


async def test_a_compacted_topic_has_no_term(server: KafkaServer, admin: EventLog) -> None:
    with pytest.raises(ValueError, match="no topic of events"):
        await purge(admin, SEVEN_YEARS, CONTACTS)
    assert "retention.ms" not in await settings(server, CONTACTS)


async def test_a_topic_that_is_missing_is_named(admin: EventLog) -> None:
    with pytest.raises(UnknownTopic, match=r"hto\.registry\.nothing"):
        await purge(admin, SEVEN_YEARS, "hto.registry.nothing")
