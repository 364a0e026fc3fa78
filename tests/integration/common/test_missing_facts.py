"""A fact that has not arrived yet: its key waits, is tried when facts come in, and is announced when it takes long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from common.decision import MissingDependency
from common.messaging.consumer.loop import Consumer
from common.persistence.transaction import Tx
from events.flow import EventParked, EventsRedriven
from tests.support.plumbing import Ears, ears_at, left, paused, quicker, working
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, new_id, write_down


class Facts:
    """A service that needs a trainer to have left before it can do anything with a pause."""

    def __init__(self) -> None:
        self.known: set[UUID] = set()
        self.tries: list[UUID] = []

    async def __call__(self, trainer_id: UUID, what: str, tx: Tx) -> None:
        self.tries.append(trainer_id)
        if what == "paused" and trainer_id not in self.known:
            fact = f"trainer/{trainer_id}"
            raise MissingDependency(fact)
        await write_down(trainer_id, what, tx)


@pytest.fixture
async def ears(fresh_database: FreshDatabase) -> AsyncIterator[Ears]:
    async with ears_at(await fresh_database()) as made:
        made.dispatch.FIRST_WAIT = 3600  # type: ignore[misc]  # only new facts have it tried again
        yield made


def _comes_in(ears: Ears, *trainers: UUID) -> None:
    """What the dispatch notes when an event about these trainers was handled."""
    ears.dispatch.arrived |= {f"trainer/{trainer}" for trainer in trainers}


async def test_a_waiting_event_is_retried_when_its_fact_comes_in_and_only_then(ears: Ears) -> None:
    """Seen red without ``wake``."""
    ears.listener.react = facts = Facts()
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer)])
    ears.dispatch.arrived.clear()
    retries = ears.retries()
    assert await retries.retry_due() == 0
    assert len(facts.tries) == 2
    await ears.dispatch.batch([left(new_id())])
    assert await retries.retry_due() == 0
    facts.known.add(trainer)
    _comes_in(ears, trainer)
    await retries.retry_due()
    assert await ears.heard() == [(facts.tries[2], "left other"), (trainer, "paused")]
    assert await ears.told(EventsRedriven) == []  # what was never announced need not be taken back


async def test_one_fact_wakes_exactly_those_that_wait_for_it(ears: Ears) -> None:
    """Seen red: a hundred and twenty keys waited, each for a fact of its own; one fact had the oldest fifty tried in
    vain, and not the key that waited for it."""
    ears.listener.react = facts = Facts()
    trainers = [new_id() for _ in range(120)]
    await ears.dispatch.batch([paused(trainer) for trainer in trainers])
    assert await ears.count("parked_keys") == 120
    facts.tries.clear()
    facts.known.add(trainers[100])
    ears.dispatch.arrived.clear()
    _comes_in(ears, trainers[100])
    assert await ears.retries().retry_due() == 1
    assert (facts.tries, await ears.heard()) == ([trainers[100]], [(trainers[100], "paused")])


async def test_an_event_that_waits_for_policies_is_retried_with_any_policy(ears: Ears) -> None:
    """They are asked by version, by rule and by day: no event has such a name."""
    trainer, known = new_id(), False

    async def needs_policies(trainer_id: UUID, what: str, tx: Tx) -> None:
        if not known:
            (await tx.policies()).at_least(3)
        await write_down(trainer_id, what, tx)

    ears.listener.react = needs_policies
    await ears.dispatch.batch([paused(trainer)])
    assert [row.fact for row in await ears.sql("SELECT fact FROM parked_keys")] == ["policy"]
    known = True
    ears.dispatch.arrived = {"policy/wage.cap@2026-01-01#3"}
    assert await ears.retries().retry_due() == 1
    assert await ears.heard() == [(trainer, "paused")]


async def test_without_facts_it_is_tried_by_backoff(ears: Ears) -> None:
    """Seen red with ``retry_in=None`` for what waits."""
    ears.dispatch.FIRST_WAIT = 0.01  # type: ignore[misc]
    ears.listener.react = facts = Facts()
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer)])
    facts.known.add(trainer)
    async with working(ears.retries().retry()):

        async def came() -> bool:
            return await ears.heard() == [(trainer, "paused")]

        await eventually(came)


async def test_the_wait_grows_with_every_failure(ears: Ears) -> None:
    ears.listener.react = Facts()
    await ears.dispatch.batch([paused(new_id())])
    retries = ears.retries()
    ears.dispatch.FIRST_WAIT = 1  # type: ignore[misc]
    waits = []
    for _ in range(4):
        await ears.sql("UPDATE parked_keys SET retry_at = now()")
        await retries.retry_due()
        rows = await ears.sql("SELECT extract(epoch FROM retry_at - now())::float8, attempts FROM parked_keys")
        waits.append((rows[0][0], rows[0][1]))
    assert [attempts for _, attempts in waits] == [2, 3, 4, 5]
    assert waits[3][0] > waits[0][0]


async def test_a_fact_that_was_itself_redriven_frees_whoever_waits_for_it(ears: Ears) -> None:
    """Seen red: only events from the log counted as new facts, so the second waited for its backoff."""
    first, second = new_id(), new_id()
    known = {second: False, first: False}

    async def chain(trainer_id: UUID, what: str, tx: Tx) -> None:
        if not known[trainer_id]:
            raise MissingDependency(f"trainer/{first}" if trainer_id == second else "trainer/0")
        known[second] = True
        await write_down(trainer_id, what, tx)

    ears.listener.react = chain
    await ears.dispatch.batch([paused(second)])
    await ears.dispatch.batch([paused(first)])
    known[first] = True
    await ears.sql("UPDATE parked_keys SET retry_at = now() WHERE key = :key", key=str(first))
    async with working(ears.retries().retry()):

        async def both() -> bool:
            return await ears.heard() == [(first, "paused"), (second, "paused")]

        await eventually(both, within=10)


async def test_many_that_wait_for_ever_do_not_starve_the_others(ears: Ears) -> None:
    """Under a steady flow of facts. Seen red with ``ORDER BY since``: the oldest came first every time."""
    ears.listener.react = facts = Facts()
    ears.dispatch.FIRST_WAIT = 1  # type: ignore[misc]
    trainers = [new_id() for _ in range(6)]
    for trainer in trainers:
        await ears.dispatch.batch([paused(trainer)])
    facts.known.add(trainers[-1])
    with quicker(Consumer, RETRY_BATCH=2):
        retries = ears.retries()
        for _ in range(12):
            _comes_in(ears, *trainers)
            await retries.retry_due()
    assert await ears.heard() == [(trainers[-1], "paused")]


async def test_a_long_wait_is_announced_once_and_its_end_as_well(ears: Ears) -> None:
    """Seen red without ``announce_long_waits``."""
    ears.listener.react = facts = Facts()
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer), left(trainer)])
    retries = ears.retries()
    await retries.retry_due()
    assert await ears.told(EventParked) == []
    await ears.sql("UPDATE parked_keys SET since = now() - interval '61 seconds'")
    await retries.retry_due()
    await retries.retry_due()
    (told,) = await ears.told(EventParked)
    assert (told.why, told.reason, told.waiting) == ("waiting", f"The fact trainer/{trainer} has not arrived yet.", 2)
    facts.known.add(trainer)
    _comes_in(ears, trainer)
    await retries.retry_due()
    assert [told.left for told in await ears.told(EventsRedriven)] == [1, 0]


async def test_a_waiting_event_that_turns_out_to_be_a_bug_is_announced(ears: Ears) -> None:
    ears.listener.react = Facts()
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer)])

    async def bug(trainer_id: UUID, what: str, tx: Tx) -> None:
        raise ZeroDivisionError

    ears.listener.react = bug
    _comes_in(ears, trainer)
    await ears.retries().retry_due()
    assert [told.why for told in await ears.told(EventParked)] == ["failed"]
