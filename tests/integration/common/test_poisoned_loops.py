"""Whatever one item does to a loop that all share, the others go on; and each loop stops when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from common.messaging.consumer import Handlers
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.consumer.loop import Consumer
from common.messaging.log import Message
from common.messaging.outbox import Notifier, Relay
from common.persistence.database import Database
from common.persistence.transaction import Tx
from common.runtime.loops import LoopState, LoopTroubled, Turns, run_for_ever
from common.service.retention import run_hourly
from events.policies import PolicyPublished
from tests.support.plumbing import (
    TOPIC,
    Ears,
    MeddledLog,
    Meddler,
    NoLog,
    all_of,
    left,
    make_topics,
    paused,
    quicker,
    record_of,
    working,
)
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, listener, new_id, rows_in, running, tell_paused, write_down


async def _reasons(database: Database) -> list[str]:
    return [row.reason for row in await database.execute(text("SELECT reason FROM parked_keys ORDER BY since"))]


@pytest.mark.parametrize("poison", [SystemExit(1), asyncio.CancelledError(), MemoryError(), RecursionError()])
async def test_any_exception_of_a_handler_fails_its_event_alone(ears: Ears, poison: BaseException) -> None:
    """Seen red: a SystemExit ended the process, and a cancellation the consumer."""
    bad, good = new_id(), new_id()

    async def react(trainer: UUID, what: str, tx: Tx) -> None:
        if trainer == bad:
            raise poison
        await write_down(trainer, what, tx)

    ears.listener.react = react
    await ears.dispatch.batch([paused(bad), paused(good)])
    assert await ears.heard() == [(good, "paused")]
    (reason,) = await _reasons(ears.database)
    assert reason.startswith(("HandlerEnds", "MemoryError", "RecursionError"))


async def _hangs_for(trainer: UUID) -> Callable[[UUID, str, Tx], Awaitable[None]]:
    async def react(one: UUID, what: str, tx: Tx) -> None:
        if one == trainer:
            await asyncio.Event().wait()
        await write_down(one, what, tx)

    return react


async def test_a_handler_that_hangs_is_cut_off_and_the_others_are_handled(ears: Ears) -> None:
    bad, good = new_id(), new_id()
    ears.listener.react = await _hangs_for(bad)
    with quicker(Dispatch, ENDS_WITHIN=0.6):
        await ears.dispatch.batch([paused(bad), paused(good)])
    assert await ears.heard() == [(good, "paused")]
    assert (await _reasons(ears.database))[0].startswith("HandlerHangs")


async def test_a_parked_key_that_hangs_does_not_hold_up_the_others_that_are_tried_again(ears: Ears) -> None:
    bad, good = new_id(), new_id()

    async def away(*_: object) -> None:
        raise ZeroDivisionError

    ears.listener.react = away
    await ears.dispatch.batch([paused(bad), left(good)])
    ears.listener.react = await _hangs_for(bad)
    await ears.sql("UPDATE parked_keys SET retry_at = clock_timestamp()")
    with quicker(Dispatch, ENDS_WITHIN=0.6):
        assert await ears.retries().retry_due() == 2
    assert await ears.heard() == [(good, "left other")]
    assert (await _reasons(ears.database))[0].startswith("HandlerHangs")


async def test_a_policy_that_is_nonsense_stops_no_other_policy(ears: Ears) -> None:
    odd = record_of(None, "odd", ce_type=PolicyPublished.type, topic="hto.registry.policies", value=b'{"code": []}')
    await ears.dispatch.batch([odd, paused(trainer := new_id())])
    assert await ears.heard() == [(trainer, "paused")]
    (row,) = await ears.sql("SELECT why, key FROM parked_keys")
    assert tuple(row) == ("unreadable", "odd")


class Choosy(Meddler):
    """The log's client raises for one key, or never ends."""

    bad = ""
    hangs = False

    async def send(self, messages: Sequence[Message], *, within: float) -> Sequence[int]:
        if any(message.key == self.bad for message in messages):
            if self.hangs:
                await asyncio.Event().wait()
            raise OverflowError
        return await super().send(messages, within=within)


class ChoosyLog(MeddledLog):
    async def producer(self, name: str) -> Any:
        self.meddlers.append(Choosy(await super(MeddledLog, self).producer(name)))
        return self.meddlers[-1]


async def test_a_row_at_which_the_logs_client_raises_is_found_and_set_apart(
    teller: Database, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red: the relay began anew for ever, and no event of the service left any more."""
    log = ChoosyLog(await fresh_database())
    await make_topics(log)
    bad, others = new_id(), [new_id() for _ in range(9)]
    monkeypatch.setattr(Choosy, "bad", str(bad))
    for key in (*others[:5], bad, *others[5:]):
        await tell_paused(teller, key)
    async with working(Relay(teller, log).run()):

        async def apart() -> bool:
            return await rows_in(teller.url, "parked_events") == 1 and await rows_in(teller.url, "outbox") == 0

        await eventually(apart)
    (reason,) = await _reasons(teller)
    assert reason.startswith("OverflowError")
    records = await all_of(log, TOPIC, at_least=9)
    assert {record.key for record in records} >= {str(key) for key in others}
    await log.stop()


async def test_a_client_of_the_log_that_hangs_is_given_up_and_nothing_is_lost(
    teller: Database, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red: the relay waited for it for ever."""
    log = ChoosyLog(await fresh_database())
    await make_topics(log)
    key = new_id()
    monkeypatch.setattr(Choosy, "bad", str(key))
    monkeypatch.setattr(Choosy, "hangs", True)
    with quicker(Relay, ACKNOWLEDGED_WITHIN=0.1):
        relay = Relay(teller, log)
        async with working(relay.run()):
            await tell_paused(teller, key)

            async def given_up() -> bool:
                return relay._failures > 0

            await eventually(given_up)
            assert await rows_in(teller.url, "outbox") == 1
            monkeypatch.setattr(Choosy, "bad", "")

            async def sent() -> bool:
                return await rows_in(teller.url, "outbox") == 0

            await eventually(sent)
    await log.stop()


@pytest.mark.parametrize("ends", ["is cancelled by a library", "returns", "raises"])
async def test_a_loop_that_ends_in_any_way_begins_anew_and_the_others_go_on(
    fresh_database: FreshDatabase, ends: str
) -> None:
    """Seen red: a loop in which a library cancelled itself was gone, and nothing said so."""
    begun: list[str] = []

    async def odd(_: object) -> None:
        begun.append("odd")
        if ends == "raises":
            raise ZeroDivisionError
        if ends != "returns":
            raise asyncio.CancelledError

    async def good(_: object) -> None:
        begun.append("good")
        await asyncio.Event().wait()

    service = listener(Handlers(), loops=[odd, good])
    async with running(service, await fresh_database(), NoLog()) as at_work:
        await at_work.start(worker=True)

        async def again() -> bool:
            return begun.count("odd") >= 2

        await eventually(again)
        assert begun.count("good") == 1


async def test_a_loop_that_stands_still_is_named_with_its_present_row() -> None:
    turns = Turns("matching")
    turns.take("matching.deadlines", "0199-an-id")
    turns.take("relay")
    turns.check()
    with quicker(Turns, STANDS_STILL=-1.0):
        with pytest.raises(LoopTroubled, match=r"^The loop matching.deadlines stands still at 0199-an-id\.$"):
            turns.check()
        turns.leave("matching.deadlines")
        with pytest.raises(LoopTroubled, match=r"^The loop relay stands still\.$"):
            turns.check()
        turns.leave("relay")
        turns.check()


def _swallows(entered: asyncio.Event) -> Callable[..., Awaitable[int]]:
    """As a library's ``wait_for`` before Python 3.12 may do: the cancellation is gone."""

    async def inner(*_: object, **__: object) -> int:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return 0
        return 0

    return inner


LOOPS: dict[str, Callable[[Database, MeddledLog, pytest.MonkeyPatch, Any], Any]] = {
    "relay": lambda database, log, patch, inner: (
        patch.setattr(Relay, "_relay_backlog", inner) or Relay(database, log).run()
    ),
    "notifier": lambda database, _, patch, inner: (
        patch.setattr(Notifier, "_notify_while_connected", inner) or Notifier(database).run()
    ),
    "consumer": lambda database, log, patch, inner: (
        patch.setattr(Consumer, "_poll", inner)
        or Consumer(log, Dispatch(database, Handlers(), "matching"), [TOPIC]).run()
    ),
    "retries": lambda database, log, patch, inner: (
        patch.setattr(Consumer, "retry_due", inner)
        or Consumer(log, Dispatch(database, Handlers(), "matching"), [TOPIC]).retry()
    ),
    "retention": lambda database, _, __, inner: run_hourly(_named(inner))(_Only(database)),  # type: ignore[arg-type]
    "supervision": lambda _, __, ___, inner: run_for_ever("loop", "matching", inner, LoopState()),
}


class _Only:
    def __init__(self, database: Database) -> None:
        self.database = database


def _named(inner: Any) -> Any:
    async def forget(tx: Tx) -> int:
        return int(await inner(tx))

    return forget


async def test_a_loop_that_ends_in_its_librarys_own_way_while_it_stops_has_not_failed() -> None:
    """Seen red: a worker that stopped logged that it had restarted a loop."""
    entered, state = asyncio.Event(), LoopState()

    async def inner() -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionResetError from None

    async with working(run_for_ever("loop", "matching", inner, state)):
        await entered.wait()
    assert (state.failures, state.reason) == (0, "")


@pytest.mark.parametrize("loop", LOOPS)
async def test_each_loop_stops_where_a_library_swallowed_its_cancellation(
    teller: Database, meddled: MeddledLog, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    """Told once. Seen red for retention, which slept for an hour instead."""
    entered = asyncio.Event()
    task = asyncio.ensure_future(LOOPS[loop](teller, meddled, monkeypatch, _swallows(entered)))
    async with asyncio.timeout(10):
        await entered.wait()
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=5)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert done
