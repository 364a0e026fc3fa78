"""A row that the log refuses is set apart with what follows it in its key; all others go on, on both logs."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from common.messaging.consumer import parking
from common.messaging.log import LARGEST, EventLog, Message, Producer, Topic
from common.messaging.outbox import Relay
from common.persistence.database import Database
from common.persistence.transaction import uuid7
from common.service.housekeeping import discard_by_order, redrive_by_order
from events.flow import DiscardOrdered, EventParked, EventsRedriven, RedriveOrdered
from tests.conformance.conftest import Server
from tests.conformance.quick import quick_log
from tests.conformance.reading import message, take, texts
from tests.conformance.relay import Wire
from tests.support.plumbing import TOPIC, make_topics, opened, working
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, new_id, rows_in, tell_paused

RELAY = "registry.relay"
_number = count(1)


@pytest.fixture
async def teller(fresh_database: FreshDatabase, log: EventLog) -> AsyncIterator[Database]:
    await make_topics(log)
    async with opened(await fresh_database(), "registry") as database:
        yield database


async def _row(database: Database, topic: str, key: UUID, value: bytes | None, headers: Any = None) -> None:
    """A row as no code of ours writes it."""
    async with database.begin(actor="test") as tx:
        await tx.execute(
            text("""
                INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers)
                VALUES (:id, :topic, :key, 'odd', :value, CAST(:headers AS jsonb))
            """),
            {
                "id": uuid7(),
                "topic": topic,
                "key": str(key),
                "value": value,
                "headers": json.dumps({"ce_id": str(uuid7())} if headers is None else headers),
            },
        )
    database.wake_relay()


async def _apart(database: Database) -> list[tuple[str, str, str, bool]]:
    rows = await database.execute(
        text("SELECT topic, key, reason, announced FROM parked_keys WHERE consumer = :c ORDER BY since"), {"c": RELAY}
    )
    return [tuple(row) for row in rows]


async def _is_apart(database: Database, reason: str) -> None:
    async def announced() -> bool:
        found = await _apart(database)
        return bool(found) and reason in found[0][2] and all(one[3] for one in found)

    await eventually(announced)


async def _empty(database: Database) -> None:
    async def empty() -> bool:
        return await rows_in(database.url, "outbox") == 0

    await eventually(empty)


async def _of_key(log: EventLog, key: UUID) -> list[tuple[str, bytes | None]]:
    """What the log has of a key, by type."""
    reader = await log.subscribe([TOPIC], group=None)
    there = sum(lag.events for lag in (await reader.lag()).values())
    records = await take(reader, there) if there else []
    await reader.close()
    return [(one.headers.get("ce_type", ""), one.value) for one in records if one.key == str(key)]


async def _announced(log: EventLog, kind: Any, key: UUID) -> list[Any]:
    return [
        kind.model_validate_json(value)
        for type_, value in await _of_flow(log, f"{RELAY}/{TOPIC}/{key}")
        if type_ == kind.type and value
    ]


async def _of_flow(log: EventLog, flow_key: str) -> list[tuple[str, bytes | None]]:
    reader = await log.subscribe([TOPIC], group=None)
    there = sum(lag.events for lag in (await reader.lag()).values())
    records = await take(reader, there)
    await reader.close()
    return [(one.headers.get("ce_type", ""), one.value) for one in records if one.key == flow_key]


async def _tried_again(database: Database, key: UUID) -> None:
    async def again() -> bool:
        async with database.begin(actor="test") as tx:
            return await parking.attempts_of(tx, RELAY, TOPIC, str(key)) == 2

    await eventually(again)


def _names(topic: str, key: UUID) -> dict[str, Any]:
    return {
        "flow_key": f"{RELAY}/{topic}/{key}",
        "order_id": uuid7(),
        "service": "registry",
        "consumer": RELAY,
        "topic": topic,
        "parked_key": str(key),
    }


async def test_a_row_that_is_too_large_is_set_apart_and_all_others_go_on(teller: Database, log: EventLog) -> None:
    """Seen red before there was a place to set apart: the outbox of the service stood still for ever."""
    large, others = new_id(), [new_id() for _ in range(5)]
    await tell_paused(teller, large)
    await _row(teller, TOPIC, large, os.urandom(3_000_000))
    for key in (*others, large):
        await tell_paused(teller, key)
    async with working(Relay(teller, log).run()):
        await _is_apart(teller, "TooLarge")
        await _empty(teller)
        await tell_paused(teller, large)
        await _empty(teller)
        assert [len(await _of_key(log, key)) for key in (large, *others)] == [1, 1, 1, 1, 1, 1]
        assert REGISTRY.get_sample_value("hto_outbox_keys_set_apart", {"service": "registry"}) == 1

        async def told_with_what_waits() -> bool:
            told = await _announced(log, EventParked, large)
            return bool(told) and told[-1].waiting == 3

        await eventually(told_with_what_waits)


async def test_rows_set_apart_are_redriven_or_discarded_by_order(teller: Database, log: EventLog) -> None:
    large = new_id()
    await _row(teller, TOPIC, large, os.urandom(3_000_000))
    await tell_paused(teller, large, times=3)
    async with working(Relay(teller, log).run()):
        await _is_apart(teller, "TooLarge")
        await _empty(teller)
        async with teller.begin(actor="test") as tx:
            await redrive_by_order(RedriveOrdered(**_names(TOPIC, large)), tx)
        await _tried_again(teller, large)
        assert await _of_key(log, large) == []
        async with teller.begin(actor="test") as tx:
            found = await parking.next_parked(tx, RELAY, TOPIC, str(large))
            assert found is not None
            event_id = found[1].headers["ce_id"]
            await discard_by_order(DiscardOrdered(**_names(TOPIC, large), event_id=event_id, reason="too large"), tx)
            await redrive_by_order(RedriveOrdered(**_names(TOPIC, large)), tx)

        async def flows() -> bool:
            return await _apart(teller) == [] and len(await _of_key(log, large)) == 3

        await eventually(flows)
        await tell_paused(teller, large)
        await _empty(teller)
        assert len(await _of_key(log, large)) == 4

        async def told() -> bool:
            return [(one.handled, one.left) for one in await _announced(log, EventsRedriven, large)] == [(3, 0)]

        await eventually(told)


async def test_a_topic_that_is_not_there_yet_holds_its_own_rows_only(teller: Database, log: EventLog) -> None:
    missing, waiting, other = f"test.missing-{next(_number)}", new_id(), new_id()
    await _row(teller, missing, waiting, b"first")
    await tell_paused(teller, other)
    await _row(teller, missing, waiting, b"second")
    async with working(Relay(teller, log).run()):
        await _is_apart(teller, "UnknownTopic")
        await _empty(teller)
        assert len(await _of_key(log, other)) == 1
        await log.create_topics([Topic(name=missing, partitions=2)])

        async def came_by_themselves() -> bool:
            return await _apart(teller) == []

        await eventually(came_by_themselves)
        reader = await log.subscribe([missing], group=None)
        assert texts(await take(reader, 2)) == ["first", "second"]


@pytest.mark.parametrize("headers", [["a list"], {"ce_id": 7}])
async def test_a_row_that_cannot_be_written_down_is_set_apart(teller: Database, log: EventLog, headers: Any) -> None:
    odd, other = new_id(), new_id()
    await _row(teller, TOPIC, odd, b"{}", headers)
    await tell_paused(teller, other)
    async with working(Relay(teller, log).run()):
        await _is_apart(teller, "unreadable: ValidationError")
        await _empty(teller)
        async with teller.begin(actor="test") as tx:
            await redrive_by_order(RedriveOrdered(**_names(TOPIC, odd)), tx)
        await _tried_again(teller, odd)
    assert len(await _of_key(log, other)) == 1


async def test_while_the_log_is_away_everything_waits_and_nothing_is_set_apart(
    teller: Database, server: Server, wire: Wire
) -> None:
    behind_a_wire = quick_log(server.relayed)
    await behind_a_wire.check()
    large, other = new_id(), new_id()
    relay = Relay(teller, behind_a_wire)
    async with working(relay.run()):

        async def active() -> bool:
            return relay.active

        await eventually(active)
        await wire.cut()
        await tell_paused(teller, large)
        await tell_paused(teller, other)

        async def interrupted() -> bool:
            return relay._failures >= 2

        await eventually(interrupted, within=40)
        assert await _apart(teller) == []
        assert await rows_in(teller.url, "outbox") == 2
        await wire.mend()
        await _empty(teller)
    await behind_a_wire.stop()


async def test_refused_messages_are_reported_by_index(producer: Producer, log: EventLog) -> None:
    topic = f"test.refused-{next(_number)}"
    await log.create_topics([Topic(name=topic, partitions=1)])
    too_large = Message(topic=topic, key="k", value=b"x" * (LARGEST + 1))
    sent = [message(topic, "k", "first"), too_large, message(topic, "k", "behind"), message(topic, "other", "free")]
    assert list(await producer.send(sent, within=10)) == [0, 3]
    assert list(producer.refused) == [1]
    assert list(await producer.send([message(topic, "k", "next")], within=10)) == [0]
    assert producer.refused == {}
    largest = Message(topic=topic, key="k", value=os.urandom(LARGEST))
    assert list(await producer.send([largest], within=20)) == [0]
