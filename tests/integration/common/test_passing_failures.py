"""A failure that may pass is tried again for a while, then its key is parked; the others flow on meanwhile."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.errors import NotFound, StaleVersion
from common.messaging.consumer.dispatch import TryLater
from common.persistence.transaction import Tx
from common.runtime.failures import Failure, failure_of
from events.flow import EventParked
from tests.support.plumbing import CONSUMER, TOPIC, Ears, left, paused
from tests.support.sample import new_id, write_down


def _of_state(state: str) -> DBAPIError:
    cause = asyncpg.PostgresError.new({"C": state, "M": "", "S": "ERROR"})
    return DBAPIError("", {}, cause)


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (StaleVersion(), Failure.LOST_RACE),
        (_of_state("40001"), Failure.LOST_RACE),
        (_of_state("40P01"), Failure.LOST_RACE),
        (_of_state("40002"), Failure.LOST_RACE),
        (_of_state("55P03"), Failure.LOST_RACE),
        (_of_state("23505"), Failure.LOST_RACE),
        (asyncpg.DeadlockDetectedError(), Failure.LOST_RACE),
        (_of_state("57P01"), Failure.AWAY),
        (_of_state("57014"), Failure.AWAY),
        (_of_state("53300"), Failure.AWAY),
        (_of_state("08006"), Failure.AWAY),
        (asyncpg.CannotConnectNowError(), Failure.AWAY),
        (InterfaceError("", {}, asyncpg.InterfaceError("closed")), Failure.AWAY),
        (PoolTimeout(), Failure.AWAY),
        (ConnectionRefusedError(), Failure.AWAY),
        (FileNotFoundError(), Failure.AWAY),
        (TimeoutError(), Failure.AWAY),
        (_of_state("23502"), Failure.BUG),
        (_of_state("22012"), Failure.BUG),
        (_of_state("42P01"), Failure.BUG),
        (NotFound(what="x", id=1), Failure.BUG),
        (ZeroDivisionError(), Failure.BUG),
    ],
)
def test_one_place_says_what_a_failure_is(error: Exception, failure: Failure) -> None:
    """Seen red with the class of SQLSTATE 40 taken for a bug."""
    assert failure_of(error) is failure


@pytest.mark.parametrize("error", [StaleVersion, FileNotFoundError, ConnectionResetError, TimeoutError])
async def test_an_event_with_a_passing_failure_each_time_is_parked_and_other_keys_flow_on(
    ears: Ears, error: type[Exception]
) -> None:
    """Seen red: the batch was tried again for ever, and what came behind it in the batch was never handled."""
    bad, good = new_id(), new_id()

    async def fails(trainer_id: UUID, what: str, tx: Tx) -> None:
        if trainer_id == bad:
            raise error
        await write_down(trainer_id, what, tx)

    ears.listener.react = fails
    assert await ears.dispatch.batch([paused(bad), paused(good), left(bad), left(good)]) == 4
    assert await ears.heard() == [(good, "paused"), (good, "left other")]
    (key,) = await ears.sql("SELECT key, why, reason, retry_at IS NOT NULL AS again FROM parked_keys")
    assert (key.key, key.why, key.again) == (str(bad), "failed", True)
    assert key.reason.startswith(error.__name__)
    assert await ears.told(EventParked) == []


async def test_an_event_whose_failure_passed_is_handled_without_an_announcement(ears: Ears) -> None:
    trainer, tries = new_id(), 0

    async def fails_for_a_while(trainer_id: UUID, what: str, tx: Tx) -> None:
        nonlocal tries
        tries += 1
        if tries < ears.dispatch.RACES + 3:
            raise FileNotFoundError
        await write_down(trainer_id, what, tx)

    ears.listener.react = fails_for_a_while
    await ears.dispatch.batch([paused(trainer), left(trainer)])
    while await ears.count("parked_keys"):
        await ears.dispatch.redrive(TOPIC, str(trainer))
    assert await ears.heard() == [(trainer, "paused"), (trainer, "left other")]
    assert await ears.announced() == (0, 0, 0)


async def test_a_failure_that_does_not_pass_is_announced_and_waits_for_an_order(ears: Ears) -> None:
    """Seen red: a redrive of it was tried again for ever and nobody heard of it."""
    trainer = new_id()

    async def stale(trainer_id: UUID, what: str, tx: Tx) -> None:
        raise StaleVersion

    ears.listener.react = stale
    await ears.dispatch.batch([paused(trainer)])
    for _ in range(ears.dispatch.PASSING_TRIES):
        await ears.dispatch.redrive(TOPIC, str(trainer))
    (told,) = await ears.told(EventParked)
    assert (told.why, told.attempts, told.waiting) == ("failed", ears.dispatch.PASSING_TRIES + 1, 1)
    assert [row.retry_at for row in await ears.sql("SELECT retry_at FROM parked_keys")] == [None]


async def test_each_event_of_a_key_has_tries_of_its_own(ears: Ears) -> None:
    """Seen red without a new start of the count: the second event had none left after the first one's."""
    trainer = new_id()

    async def stale(trainer_id: UUID, what: str, tx: Tx) -> None:
        raise StaleVersion

    ears.listener.react = stale
    await ears.dispatch.batch([paused(trainer), left(trainer)])
    for _ in range(ears.dispatch.PASSING_TRIES - 1):
        await ears.dispatch.redrive(TOPIC, str(trainer))

    async def now_the_second_fails(trainer_id: UUID, what: str, tx: Tx) -> None:
        if what != "paused":
            raise StaleVersion
        await write_down(trainer_id, what, tx)

    ears.listener.react = now_the_second_fails
    assert await ears.dispatch.redrive(TOPIC, str(trainer)) == 1
    (key,) = await ears.sql("SELECT attempts, retry_at IS NOT NULL AS again FROM parked_keys")
    assert (key.attempts, key.again) == (1, True)


async def test_a_database_that_is_away_counts_against_no_event(ears: Ears) -> None:
    """Seen red without the look whether the database answers others."""
    trainer = new_id()

    async def kills_every_connection(trainer_id: UUID, what: str, tx: Tx) -> None:
        ears.database.answers = _no  # type: ignore[method-assign]
        await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    ears.listener.react = kills_every_connection
    record = paused(trainer)
    for _ in range(ears.dispatch.PASSING_TRIES):
        with pytest.raises(TryLater):
            await ears.dispatch.batch([record])
    ears.listener.react = write_down
    assert await ears.count("parked_keys") == 0
    assert await ears.dispatch.batch([record]) == 1


async def _no() -> bool:
    return False


async def test_a_database_that_does_not_answer_is_noticed(ears: Ears) -> None:
    assert await ears.database.answers()
    unreachable = ears.database.__class__(
        "postgresql://nobody@127.0.0.1:1/nowhere", service=CONSUMER, metadata=ears.database.metadata, oin="0" * 20
    )
    assert not await unreachable.answers()
    await unreachable.close()
