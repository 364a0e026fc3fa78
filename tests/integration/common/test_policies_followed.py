"""Policies and business time reach every service as events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from common.clock import Clock
from common.decision import MissingDependency
from common.messaging.consumer import Handlers
from common.messaging.log import Message, Record
from common.messaging.pglog import PostgresLog
from common.runtime.settings import SettingsError, load
from common.service.housekeeping import add_housekeeping, keep_policy
from events import modernise
from events.flow import ClockMoved
from events.policies import PolicyPublished
from tests.support.plumbing import CONSUMER, Ears, make_topics, record_of
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, listener, running


def _row(code: str, version: int, rows_in_set: int, limit: int = 1) -> Record:
    published = PolicyPublished(
        policy_id=f"{code}@2026-01-01#{version}",
        code=code,
        set_version=version,
        rows_in_set=rows_in_set,
        valid_from=date(2026, 1, 1),
        valid_until=None,
        value={"limit": limit},
        source="test",
        verified=False,
    )
    return record_of(published, topic=PolicyPublished.topic)


DAY = date(2026, 6, 1)


async def test_no_decision_is_taken_before_the_initial_policies_are_complete(ears: Ears) -> None:
    """Seen red with ``have < 1`` in the place of the number of rows that the set has."""
    for rows, ready in (([], False), ([_row("a", 1, 2)], False), ([_row("b", 1, 2)], True)):
        await ears.dispatch.batch(rows)
        async with ears.database.begin(actor="test") as tx:
            if ready:
                await ears.database.check_policies(tx)
            else:
                with pytest.raises(MissingDependency, match="initial-set"):
                    await ears.database.check_policies(tx)


async def test_a_sender_that_knew_newer_policies_is_a_missing_fact_until_they_arrive(ears: Ears) -> None:
    """Seen red without ``policies_changed``: the rows read before were used for another second."""
    await ears.dispatch.batch([_row("a", 1, 1)])
    async with ears.database.begin(actor="test") as tx:
        with pytest.raises(MissingDependency, match="policies/2"):
            (await tx.policies()).at_least(2)
    await ears.dispatch.batch([_row("a", 2, 2, limit=5)])
    async with ears.database.begin(actor="test") as tx:
        assert (await tx.policies()).at_least(2).on("a", DAY).value == {"limit": 5}


async def test_an_older_version_stays_so_that_its_decisions_can_be_repeated(ears: Ears) -> None:
    """Seen red with an upsert on code and day, and with one on the version as well."""
    await ears.dispatch.batch([_row("a", 1, 1), _row("a", 2, 2, limit=5), _row("a", 1, 1, limit=9)])
    async with ears.database.begin(actor="test") as tx:
        rows = (await tx.policies()).rows["a"]
    assert [(row.version, row.value["limit"]) for row in rows] == [(2, 5), (1, 1)]


async def test_policies_of_a_transaction_that_was_rolled_back_are_not_kept(ears: Ears) -> None:
    """Seen red: the next second decided by rows that were never committed."""
    record = _row("a", 1, 1)
    policy = modernise(PolicyPublished.type, record.value or b"")
    assert isinstance(policy, PolicyPublished)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is one transaction
        async with ears.database.begin(actor="test") as tx:
            await keep_policy(tx, policy)
            assert (await tx.policies()).version == 1
            raise ZeroDivisionError
    async with ears.database.begin(actor="test") as tx:
        assert (await tx.policies()).version == 0


async def test_moving_the_clock_moves_every_service_and_every_process_of_it(fresh_database: FreshDatabase) -> None:
    """Seen red without ``follow_clock``."""
    event_log = PostgresLog(await fresh_database())
    await make_topics(event_log)
    url = await fresh_database()
    async with (
        running(listener(Handlers()), url, event_log) as worker,
        running(listener(Handlers()), url, event_log) as api,
    ):
        await worker.start(worker=True)
        await api.start(api=True)
        order = record_of(ClockMoved(offset_seconds=15 * 86400, moved_at=datetime.now(UTC)))
        operations = await event_log.producer("operations")
        message = Message(topic=order.topic, key=order.key, value=order.value, headers=order.headers)
        assert await operations.send([message], within=10)
        await operations.close()

        async def moved() -> bool:
            return {one.database.clock.offset for one in (worker, api)} == {timedelta(days=15)}

        await eventually(moved)
        async with api.database.begin(actor="test") as tx:
            assert tx.now > datetime.now(UTC) + timedelta(days=14)
    await event_log.stop()


async def test_a_service_that_may_not_move_its_clock_does_not_listen(ears: Ears) -> None:
    handlers = Handlers()
    add_housekeeping(handlers, CONSUMER, follow_policies=True, follow_clock=False)
    assert ClockMoved.type not in handlers.single
    assert not handlers.wants(ClockMoved.type, tombstone=False)


def test_a_production_start_refuses_a_movable_clock() -> None:
    """Seen red without ``_is_safe_in_production``."""
    with pytest.raises(SettingsError) as refused:
        load(
            environment="production",
            issuers="https://issuer.example",
            test_clock=True,
            database_url="postgresql://localhost/{service}",
            log_url="kafka://localhost:1",
        )
    assert list(refused.value.problems) == ["HTO_TEST_CLOCK"]


def test_business_time_is_real_time_plus_an_offset() -> None:
    clock = Clock(timedelta(days=400))
    assert clock.real(clock.now()) <= datetime.now(UTC)
    assert clock.now() - datetime.now(UTC) > timedelta(days=399)
