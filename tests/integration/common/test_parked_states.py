"""A parked state is a copy of a person: a tombstone overtakes it, an erasure takes it away, no order passes over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

import pytest

from common.messaging.consumer import parking
from common.messaging.log import Record
from common.persistence.transaction import Tx, uuid7
from events.flow import DiscardOrdered, EventDiscarded, EventParked, EventsRedriven
from events.registry import ProfileState
from tests.support.plumbing import CONSUMER, TOPIC, Ears, ears_at, left, paused, record_of
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, new_id, write_down

PROFILES: Final = ProfileState.topic


@pytest.fixture
async def ears(fresh_database: FreshDatabase) -> AsyncIterator[Ears]:
    """A listener that reads profiles as well; these tests give it none that it can read."""
    async with ears_at(await fresh_database()) as made:

        @made.handlers.on(ProfileState)
        async def keep(state: ProfileState, tx: Tx) -> None:
            await write_down(state.trainer_id, "stated", tx)

        yield made


def _state(trainer: UUID) -> Record:
    return record_of(None, trainer, topic=PROFILES, value=b'{"name": "Jan Jansen"}')


def _tombstone(trainer: UUID) -> Record:
    return record_of(None, trainer, topic=PROFILES)


async def _bug(trainer_id: UUID, what: str, tx: Tx) -> None:
    raise ZeroDivisionError


async def _erase(ears: Ears, trainer: UUID) -> int:
    async with ears.database.begin(actor="test") as tx:
        return await parking.erase(tx, trainer)


async def _values(ears: Ears) -> list[bytes | None]:
    return [row.value for row in await ears.sql("SELECT value FROM parked_events ORDER BY position")]


async def test_a_tombstone_takes_the_place_of_the_states_before_it_and_works_without_an_order(ears: Ears) -> None:
    """Seen red without ``_OVERTAKE``: the state stayed in the database, and the tombstone waited behind it."""
    trainer, other = new_id(), new_id()
    await ears.dispatch.batch([_state(trainer), _state(trainer), _state(other)])
    await ears.dispatch.batch([_tombstone(trainer)])
    assert await _values(ears) == [b'{"name": "Jan Jansen"}', None]
    assert await ears.retries().retry_due() == 1
    assert await ears.heard() == [(trainer, "gone")]
    assert [row.key for row in await ears.sql("SELECT key FROM parked_keys")] == [str(other)]


async def test_in_one_batch_as_well(ears: Ears) -> None:
    trainer = new_id()
    await ears.dispatch.batch([_state(trainer), _tombstone(trainer)])
    assert await _values(ears) == [None]


async def test_an_erasure_takes_the_parked_states_away_and_says_that_the_key_is_free(ears: Ears) -> None:
    trainer, other = new_id(), new_id()
    await ears.dispatch.batch([_state(trainer), _state(trainer), _state(other)])
    assert await _erase(ears, trainer) == 2
    assert await ears.count("parked_events") == await ears.count("parked_keys") == 1
    (told,) = await ears.told(EventsRedriven)
    assert (told.parked_key, told.topic, told.handled, told.left) == (str(trainer), PROFILES, 2, 0)
    assert await _erase(ears, trainer) == 0
    await ears.dispatch.batch([_tombstone(trainer)])
    assert await ears.heard() == [(trainer, "gone")]


async def test_an_erasure_that_fails_takes_nothing_away(ears: Ears) -> None:
    trainer = new_id()
    await ears.dispatch.batch([_state(trainer)])

    async def fail() -> None:
        async with ears.database.begin(actor="test") as tx:
            await parking.erase(tx, trainer)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await ears.count("parked_events") == 1


async def test_an_erasure_leaves_what_is_no_state_and_a_tombstone_in_their_place(ears: Ears) -> None:
    """Events carry ids and codes; passing over them would lose what happened."""
    ears.listener.react = _bug
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer), left(trainer)])
    await ears.dispatch.batch([_tombstone(trainer)])
    await ears.dispatch.batch([_state(trainer)])
    assert await _erase(ears, trainer) == 1
    ears.listener.react = write_down
    assert await ears.retries().retry_due() == 1
    assert await ears.heard() == [(trainer, "gone")]
    assert [(row.topic, row.key) for row in await ears.sql("SELECT topic, key FROM parked_events")] == [
        (TOPIC, str(trainer)),
        (TOPIC, str(trainer)),
    ]


async def test_a_key_parked_without_an_announcement_is_removed_without_one(ears: Ears) -> None:
    trainer = new_id()
    async with ears.database.begin(actor="test") as tx:
        await parking.park(tx, CONSUMER, _state(trainer), parking.Stop(why="waiting", reason="x", retry_in=60))
    assert await _erase(ears, trainer) == 1
    assert await ears.announced() == (0, 0, 0)


async def test_an_erasure_waits_for_a_redrive_of_the_same_state(ears: Ears) -> None:
    """Which may be making a copy right now, that has to be scrubbed too."""
    trainer = new_id()
    await ears.dispatch.batch([_state(trainer)])
    async with ears.database.begin(actor="redrive") as redriving:
        assert await parking.next_parked(redriving, CONSUMER, PROFILES, str(trainer)) is not None
        erasing = asyncio.create_task(_erase(ears, trainer))

        async def waits() -> bool:
            locks = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            return erasing.done() or bool(await ears.sql(locks))

        await eventually(waits)
        assert not erasing.done()
    assert await erasing == 1


async def test_no_order_passes_over_a_tombstone_it_is_tried_again(ears: Ears) -> None:
    """Seen red without the look at the value: the copy that it takes back would have stayed for ever."""
    ears.listener.react = _bug
    trainer = new_id()
    tombstone = _tombstone(trainer)
    await ears.dispatch.batch([tombstone])
    order = DiscardOrdered(
        flow_key=f"{CONSUMER}/{PROFILES}/{trainer}",
        order_id=uuid7(),
        service=CONSUMER,
        consumer=CONSUMER,
        topic=PROFILES,
        parked_key=str(trainer),
        event_id=tombstone.headers["ce_id"],
        reason="seen by hand",
    )
    await ears.dispatch.batch([record_of(order, topic="hto.operations.events")])
    assert (await ears.count("parked_events"), await ears.told(EventDiscarded)) == (1, [])
    assert await ears.retries().retry_due() == 1
    assert [told.attempts for told in await ears.told(EventParked)] == [1, 2]
    ears.listener.react = write_down
    await ears.dispatch.redrive(PROFILES, str(trainer))
    assert await ears.heard() == [(trainer, "gone")]
