"""An event that kills its process each time is found and parked; all others go on, and nothing is handled twice."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from socket import gethostname

import pytest

from common.messaging.consumer import parking
from common.messaging.consumer.careful import Careful, process_of
from common.messaging.consumer.dispatch import TryLater
from common.messaging.log import LARGEST
from common.messaging.outbox import Relay
from common.messaging.pglog import PostgresLog
from common.persistence.database import Database
from common.runtime.watchdog import STOOD_STILL
from events.flow import EventParked
from events.registry import TrainerLeft, TrainerPaused
from tests.support.plumbing import CONSUMER, TOPIC, Ears, left, make_topics, opened, paused, quicker, working
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, new_id, rows_in


@pytest.fixture
async def log_url(fresh_database: FreshDatabase) -> str:
    url = await fresh_database()
    log = PostgresLog(url)
    await make_topics(log)
    await log.stop()
    return url


async def _lives(ears: Ears, log_url: str, most: int, how: str = "kills") -> list[int]:
    """How the lives of a consumer ended, until one ended well."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.common.dying_consumer", str(most), how, ears.database.url, log_url),
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return [int(end) for end in output.splitlines()[-1].split()]


async def _publish(url: str, log_url: str, trainers: int) -> None:
    """In the log: one that kills in the middle of good ones, and one behind it."""
    log = PostgresLog(log_url)
    async with opened(url, "registry") as teller:
        async with teller.begin(actor="test") as tx:
            killer = new_id()
            for _ in range(trainers):
                tx.publish(TrainerPaused(trainer_id=new_id()))
            tx.publish(TrainerLeft(trainer_id=killer, reason="other"))
            tx.publish(TrainerPaused(trainer_id=killer))
            for _ in range(trainers):
                tx.publish(TrainerPaused(trainer_id=new_id()))
        async with working(Relay(teller, log).run()):

            async def sent() -> bool:
                return await rows_in(url, "outbox") == 0

            await eventually(sent)
    await log.stop()


async def test_an_event_that_kills_its_process_is_parked_and_all_others_are_handled(
    ears: Ears, log_url: str, fresh_database: FreshDatabase
) -> None:
    """Seen red before starts were counted: every life ended with a kill, and nothing was ever handled.

    Seen red where it was shown with one attempt.
    """
    await _publish(await fresh_database(), log_url, trainers=20)
    assert await _lives(ears, log_url, most=8) == [-9, -9, -9, -9, -9, 0]
    assert len(await ears.heard()) == 40
    (told,) = [one for one in await ears.told(EventParked) if one.waiting == 1]
    assert (told.why, told.reason, told.event_type) == ("failed", "WorkerDied", TrainerLeft.type)
    assert told.attempts == 5
    assert (await ears.count("parked_events"), await ears.count("started_events")) == (2, 0)
    assert await ears.count("consumer_runs") == 0
    # An order tries it again: it is counted anew, and waits for the next order in the end.
    key = str((await ears.sql("SELECT key FROM parked_keys"))[0].key)
    async with ears.database.begin(actor="test") as tx:
        await parking.order_redrive(tx, CONSUMER, TOPIC, key)
    assert await _lives(ears, log_url, most=8) == [-9, -9, -9, -9, -9, 0]
    assert await ears.count("parked_events") == 2
    assert [one.attempts for one in await ears.told(EventParked)][-1] == 10


async def test_a_handler_that_never_gives_the_event_loop_back_is_parked_and_all_others_are_handled(
    ears: Ears, log_url: str, fresh_database: FreshDatabase
) -> None:
    """Seen red without the watchdog: no timeout fired, and the first life never ended."""
    await _publish(await fresh_database(), log_url, trainers=20)
    assert await _lives(ears, log_url, most=8, how="loops") == [*[STOOD_STILL] * 5, 0]
    assert len(await ears.heard()) == 40
    (told,) = [one for one in await ears.told(EventParked) if one.waiting == 1]
    assert (told.why, told.event_type) == ("failed", TrainerLeft.type)
    assert await ears.count("parked_events") == 2


@pytest.mark.parametrize("how", ["matches", "sleeps"])
async def test_a_call_into_c_that_never_returns_ends_the_process_as_well(
    ears: Ears, log_url: str, fresh_database: FreshDatabase, how: str
) -> None:
    """Whether it keeps the interpreter's lock, as a regular expression does, or lets it go."""
    await _publish(await fresh_database(), log_url, trainers=1)
    assert await _lives(ears, log_url, most=1, how=how) == [STOOD_STILL]


async def test_a_run_that_said_goodbye_leaves_the_next_one_as_quick_as_ever(ears: Ears) -> None:
    first, second, third = (Careful(ears.database, CONSUMER) for _ in range(3))
    await first.begin()
    assert not first.on
    await first.end()
    await second.begin()
    assert not second.on
    await third.begin()  # the second died
    assert third.on
    trainer = new_id()
    with quicker(Careful, LASTS=0.0):
        await third.clear([paused(trainer)])
        assert not third.on


async def test_a_worker_beside_another_one_is_as_quick_and_knows_when_that_one_died(ears: Ears) -> None:
    """Seen red: the second of two workers on one machine took the first one's row for that of a dead one."""
    neighbour = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    run = f"INSERT INTO consumer_runs (consumer, host, pid) VALUES ('{CONSUMER}', '{gethostname()}', {neighbour.pid})"
    await ears.sql(run + " RETURNING pid")
    second = Careful(ears.database, CONSUMER)
    await second.begin()
    assert not second.on
    await second.end()
    neighbour.kill()
    await neighbour.wait()
    third = Careful(ears.database, CONSUMER)
    await third.begin()
    assert third.on
    assert await ears.count("consumer_runs") == 1


async def test_a_death_is_seen_although_another_process_was_given_the_number(ears: Ears) -> None:
    """Seen red where a run was known by its number alone: whatever had it now was taken for the run that died."""
    another = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    run = "INSERT INTO consumer_runs (consumer, host, pid, process) VALUES (:consumer, :host, :pid, :process)"
    about = {"consumer": CONSUMER, "host": gethostname(), "pid": another.pid}
    died: list[bool] = []
    for process in (process_of(another.pid), process_of(os.getpid())):
        await ears.sql("DELETE FROM consumer_runs")
        await ears.sql(run, **about, process=process)
        careful = Careful(ears.database, CONSUMER)
        await careful.begin()
        died.append(careful.on)
    another.kill()
    await another.wait()
    assert died == [False, True]
    assert process_of(another.pid) == ""


async def test_neighbours_of_a_killer_are_counted_once_and_never_parked(ears: Ears) -> None:
    """In the batch that died they were marked with it; each then runs alone, and its own start is cleared."""
    died = Careful(ears.database, CONSUMER)
    await died.begin()
    batch = [paused(new_id()) for _ in range(5)]
    await died.mark(batch)
    dispatch = ears.twin()
    await dispatch.careful.begin()
    assert set((await dispatch.careful.starts(batch)).values()) == {1}
    assert await dispatch.batch(batch) == 5
    assert (await ears.count("parked_keys"), await ears.count("started_events")) == (0, 0)


async def test_an_event_retried_after_an_outage_counts_as_no_death(ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen red where a start of this same run was counted: three outages parked an innocent event."""
    await Careful(ears.database, CONSUMER).begin()
    dispatch = ears.twin()
    await dispatch.careful.begin()
    records = [paused(new_id()), left(new_id())]

    async def away(_: Database) -> bool:
        return False

    async def refused(*_: object) -> None:
        raise ConnectionRefusedError

    handled, ears.listener.react = ears.listener.react, refused
    monkeypatch.setattr(Database, "answers", away)
    for _ in range(Careful.STARTS + 2):
        with pytest.raises(TryLater):
            await dispatch.batch(records)
    monkeypatch.undo()
    ears.listener.react = handled
    assert await dispatch.batch(records) == 2
    assert (await ears.count("parked_keys"), await ears.count("started_events")) == (0, 0)


async def test_a_payload_that_is_absurdly_large_is_parked_unread(ears: Ears) -> None:
    """Seen red: it was parsed, with several times its size in memory."""
    odd, good = new_id(), new_id()
    large = b'{"trainerId": "' + b"x" * LARGEST + b'"}'
    assert await ears.dispatch.batch([paused(odd, value=large), paused(good)]) == 2
    assert await ears.heard() == [(good, "paused")]
    (row,) = await ears.sql("SELECT why, reason FROM parked_keys")
    assert tuple(row) == ("unreadable", f"payload: more than {LARGEST} bytes")
