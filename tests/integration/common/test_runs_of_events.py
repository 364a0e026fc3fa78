"""A handler of runs says what waits: that is parked, and the rest of the batch is handled in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from common.messaging.consumer import Handlers, Received, Waits
from common.messaging.consumer.dispatch import Dispatch
from common.persistence.transaction import Tx
from events.flow import EventParked
from events.registry import TrainerLeft, TrainerPaused
from tests.support.plumbing import CONSUMER, TOPIC, Ears, left, paused
from tests.support.sample import new_id, write_down


async def test_one_missing_fact_in_a_run_of_many_costs_one_more_pass(ears: Ears) -> None:
    """Seen red: a batch of 500 was replayed one by one for it, in 500 transactions."""
    runs: list[int] = []
    trainers = [new_id() for _ in range(499)]
    lacking, known = trainers[200], set[UUID]()
    handlers = Handlers()

    @handlers.bulk(TrainerPaused, TrainerLeft)
    async def project(received: Sequence[Received], tx: Tx) -> Sequence[Waits]:
        runs.append(len(received))
        waits = [
            Waits(item, f"trainer/{lacking}")
            for item in received
            if item.envelope.key == str(lacking) and lacking not in known and isinstance(item.event, TrainerPaused)
        ]
        for item in received:
            await write_down(UUID(item.envelope.key), str(type(item.event).__name__), tx)
        return waits

    dispatch = Dispatch(ears.database, handlers, CONSUMER)
    assert await dispatch.batch([*(paused(trainer) for trainer in trainers), left(lacking)]) == 500
    assert runs == [500, 498]
    assert len(await ears.heard()) == 498
    (key,) = await ears.sql("SELECT key, why, fact FROM parked_keys")
    assert (key.key, key.why, key.fact) == (str(lacking), "waiting", f"trainer/{lacking}")
    known.add(lacking)
    assert await dispatch.redrive(TOPIC, str(lacking)) == 2
    assert (await ears.heard())[-2:] == [(lacking, "TrainerPaused"), (lacking, "TrainerLeft")]


async def test_a_handler_that_hangs_is_ended_and_its_key_parked_while_the_others_go_on(ears: Ears) -> None:
    """Seen red: nothing of the batch was ever handled, nor anything after it."""
    hanging, good = new_id(), new_id()

    async def hangs(trainer_id: UUID, what: str, tx: Tx) -> None:
        if trainer_id == hanging:
            await asyncio.Event().wait()
        await write_down(trainer_id, what, tx)

    ears.listener.react = hangs
    ears.dispatch.ENDS_WITHIN = 1.0  # type: ignore[misc]
    async with asyncio.timeout(30):
        await ears.dispatch.batch([paused(hanging), paused(good), left(hanging)])
    assert await ears.heard() == [(good, "paused")]
    assert [(told.parked_key, told.why) for told in await ears.told(EventParked)] == [(str(hanging), "failed")] * 2
    assert "HandlerHangs" in (await ears.told(EventParked))[0].reason
