"""An event that this version does not know: followed by name it is passed over, followed with all others it waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import permutations
from uuid import UUID

import pytest

import events
from common.messaging.consumer import Handlers, Received
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.consumer.loop import Consumer
from common.messaging.log import Record
from common.persistence.database import Database
from common.persistence.transaction import Tx
from events import PREFIX, Event, name_of
from events.flow import EventParked
from events.registry import ProfileState, TrainerPaused
from tests.support.plumbing import OIN, TOPIC, Ears, NoLog, left, paused
from tests.support.sample import new_id, write_down


def _follows_all(database: Database, consumer: str = "matching") -> Dispatch:
    handlers = Handlers()

    @handlers.every
    async def write_all(received: Sequence[Received], tx: Tx) -> None:
        for item in received:
            await write_down(UUID(item.envelope.key), f"{consumer}: {name_of(item.envelope.type)}", tx)

    return Dispatch(database, handlers, consumer)


@pytest.fixture
def older() -> Iterator[None]:
    """This process is of the version before `trainer.paused` existed."""
    catalogue, names = dict(events.CATALOGUE), dict(events._NAMES)
    _forget(TrainerPaused)
    yield
    events.CATALOGUE.update(catalogue)
    events._NAMES.update(names)


def _forget(event: type[Event]) -> None:
    events.CATALOGUE.pop(event.type, None)
    events._NAMES.pop(name_of(event.type), None)


def _learn(event: type[Event]) -> None:
    events.CATALOGUE[event.type] = event
    events._NAMES[name_of(event.type)] = event


@pytest.mark.usefixtures("older")
async def test_where_everything_is_followed_an_unknown_name_waits_for_the_upgrade(ears: Ears) -> None:
    """Seen red: it was dropped, without an inbox row and without a word."""
    trainer, other = new_id(), new_id()
    follower = _follows_all(ears.database)
    assert await follower.batch([left(trainer), paused(trainer), left(trainer), left(other)]) == 4
    assert await ears.heard() == [(trainer, "matching: trainer.left"), (other, "matching: trainer.left")]
    (told, behind) = await ears.told(EventParked)
    assert (told.why, told.parked_key, behind.waiting) == ("newer", str(trainer), 2)
    assert TrainerPaused.type in told.reason

    _learn(TrainerPaused)
    retries = Consumer(NoLog(), follower, [])
    await retries._retry_newer()
    await retries.retry_due()
    assert [what for one, what in await ears.heard() if one == trainer] == [
        "matching: trainer.left",
        "matching: trainer.paused",
        "matching: trainer.left",
    ]
    assert await ears.count("parked_keys") == 0


@pytest.mark.usefixtures("older")
async def test_where_named_events_are_followed_an_unknown_name_stops_nothing(ears: Ears) -> None:
    trainer = new_id()
    assert await ears.dispatch.batch([paused(trainer), left(trainer)]) == 1
    assert (await ears.heard(), await ears.count("parked_keys")) == ([(trainer, "left other")], 0)


async def test_foreign_names_and_states_are_ignored(ears: Ears) -> None:
    follower = _follows_all(ears.database)
    foreign = paused(new_id(), ce_type="com.example.other")
    state = paused(new_id(), ce_type=f"{PREFIX}shape.stated.v1", topic=ProfileState.topic)
    assert await follower.batch([foreign, state]) == 0
    assert await ears.count("parked_keys") == 0


async def test_an_unknown_name_on_another_services_topic_is_not_a_newer_one(ears: Ears) -> None:
    unknown = paused(
        new_id(), ce_type=f"{PREFIX}unheard.of.v1", ce_source=f"urn:nld:oin:{OIN}:systeem:hto-matching", topic=TOPIC
    )
    await _follows_all(ears.database).batch([unknown])
    assert [told.why for told in await ears.told(EventParked)] == ["unreadable"]


_FOLLOWERS = ("matching", "contracts", "operations")


@pytest.mark.usefixtures("older")
async def test_services_are_upgraded_one_at_a_time_in_any_order_and_lose_nothing(ears: Ears) -> None:
    """There is traffic between the upgrades; once the publisher is upgraded, it has a name that is new.

    Seen red in every order in which a follower comes after the publisher: it had dropped the new event.
    """
    for order in permutations(("registry", *_FOLLOWERS)):
        upgraded: set[str] = set()
        trainers = [new_id() for _ in range(3)]
        published: list[Record] = []
        for upgrade in order:
            upgraded.add(upgrade)
            if upgrade in _FOLLOWERS:
                await _restart(_follows_all(ears.database, upgrade))
            kinds = (paused, left) if "registry" in upgraded else (left, left)
            traffic = [kind(trainer) for kind in kinds for trainer in trainers]
            published += traffic
            for follower in _FOLLOWERS:
                with _version(newer=follower in upgraded):
                    await _follows_all(ears.database, follower).batch(traffic)
        for trainer in trainers:
            names = [name_of(record.headers["ce_type"]) for record in published if record.key == str(trainer)]
            for follower in _FOLLOWERS:
                heard = await ears.sql(
                    "SELECT what FROM heard WHERE trainer_id = :id AND what LIKE :who ORDER BY position",
                    id=trainer,
                    who=f"{follower}: %",
                )
                assert [row.what for row in heard] == [f"{follower}: {name}" for name in names], order
        assert (await ears.count("parked_keys"), await ears.count("parked_events")) == (0, 0), order


@contextmanager
def _version(*, newer: bool) -> Iterator[None]:
    """Code of the newer version, which knows `trainer.paused`, or of the older one."""
    if newer:
        _learn(TrainerPaused)
    try:
        yield
    finally:
        _forget(TrainerPaused)


async def _restart(follower: Dispatch) -> None:
    """What an upgraded worker does first: it tries what its older version could not read."""
    retries = Consumer(NoLog(), follower, [])
    with _version(newer=True):
        await retries._retry_newer()
        while await retries.retry_due():
            pass
