"""A service is what its slices declare, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData

from common.envelope import Envelope
from common.messaging.consumer import Handlers
from common.messaging.consumer.handlers import Received, Waits
from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from common.service import LoopContext, Projection, Service, Slice
from common.web import Router
from events.registry import ContactState, TrainerLeft, TrainerPaused, VacancyWithdrawn

TX = cast("Tx", None)


def _service(*slices: Slice, **more: Any) -> Service:
    return Service(
        **{"name": "sample", "title": "Sample", "description": "A sample.", "tables": MetaData(), **more},
        migrations=Path(),
        slices=slices,
    )


def _recording(written: list[str], name: str, *events: Any, bulk: bool = False) -> Handlers:
    handlers = Handlers()
    for event in events:
        if bulk:

            @handlers.bulk(event)
            async def run(received: Sequence[Received], tx: Tx) -> None:
                written.append(f"{name} takes {len(received)}")

        else:

            @handlers.on(event)
            async def one(event: Any, tx: Tx) -> None:
                written.append(name)

    return handlers


def test_a_person_is_scrubbed_by_each_slice_that_declares_how_in_their_order() -> None:
    async def of_first(tx: Tx, person_id: UUID) -> int:
        return 1

    async def of_third(tx: Tx, person_id: UUID) -> int:
        return 3

    third = Slice(name="third", scrub=of_third)
    service = _service(Slice(name="first", scrub=of_first), Slice(name="second"), third)
    assert service.tables.info["scrubs"] == (of_first, of_third)


def _waiting(name: str) -> Waits:
    envelope = cast("Envelope", type("Envelope", (), {"id": UUID(int=len(name))})())
    return Waits(Received(envelope, None, cast("Any", None)), name)


async def test_slices_that_react_to_the_same_event_react_in_their_order() -> None:
    written: list[str] = []
    first = Slice(name="first", handlers=_recording(written, "first", TrainerLeft, TrainerPaused))
    second = Slice(name="second", handlers=_recording(written, "second", TrainerLeft))
    service = _service(first, second)
    await service.handlers.single[TrainerLeft.type](None, TX)
    await service.handlers.single[TrainerPaused.type](None, TX)
    assert written == ["first", "second", "first"]


async def test_slices_that_take_runs_of_the_same_event_each_get_the_run() -> None:
    written: list[str] = []
    service = _service(
        Slice(name="first", handlers=_recording(written, "first", TrainerLeft, bulk=True)),
        Slice(name="second", handlers=_recording(written, "second", TrainerLeft, VacancyWithdrawn, bulk=True)),
    )
    run = [cast("Received", None)] * 3
    assert await service.handlers.bulk_by_type[TrainerLeft.type](run, TX) is None
    assert written == ["first takes 3", "second takes 3"]


def test_types_that_the_same_slices_take_in_runs_stay_one_run() -> None:
    """Seen red: each type had a function of its own, and a batch of both fell into as many runs as events."""
    slices = []
    for name in ("first", "second", "third"):
        handlers = Handlers()

        @handlers.bulk(TrainerLeft, TrainerPaused)
        async def run(received: Sequence[Received], tx: Tx) -> None: ...

        slices.append(Slice(name=name, handlers=handlers))
    found = _service(*slices).handlers
    assert found.bulk_for(TrainerLeft.type) is found.bulk_for(TrainerPaused.type)


async def test_an_event_that_two_slices_cannot_handle_yet_waits_once() -> None:
    slices = []
    for name in ("one", "two", "three"):
        handlers = Handlers()

        @handlers.bulk(TrainerLeft)
        async def wait(_: Sequence[Received], tx: Tx, name: str = name) -> Sequence[Waits]:
            return [_waiting(name)]

        slices.append(Slice(name=name, handlers=handlers))
    waiting = await _service(*slices).handlers.bulk_by_type[TrainerLeft.type]([], TX)
    assert [each.item.envelope.id.int for each in waiting or ()] == [len("one")], "the others would work in vain"


@pytest.mark.parametrize("runs_first", [True, False])
def test_one_event_cannot_be_handled_alone_and_in_runs(runs_first: bool) -> None:  # noqa: FBT001
    first = Slice(name="first", handlers=_recording([], "first", TrainerLeft, bulk=runs_first))
    second = Slice(name="second", handlers=_recording([], "second", TrainerLeft, bulk=not runs_first))
    with pytest.raises(ValueError, match="one by one and in runs"):
        _service(first, second)


async def test_tombstones_are_handled_by_every_slice() -> None:
    written: list[str] = []
    slices = []
    for name in ("first", "second"):
        handlers = Handlers()

        @handlers.on_tombstone(ContactState)
        async def gone(key: str, tx: Tx, name: str = name) -> None:
            written.append(f"{name} {key}")

        slices.append(Slice(name=name, handlers=handlers))
    await _service(*slices).handlers.tombstone_handlers[ContactState.type]("a", TX)
    assert written == ["first a", "second a"]


async def test_slices_that_follow_every_event_follow_in_their_order() -> None:
    written: list[str] = []
    following = []
    for name in ("first", "second"):
        handlers = Handlers()

        @handlers.every
        async def follow(received: Sequence[Received], tx: Tx, name: str = name) -> None:
            written.append(f"{name} {len(received)}")

        following.append(Slice(name=name, handlers=handlers))
    every = _service(*following).handlers.every_event
    assert every is not None
    await every([cast("Received", None)] * 2, TX)
    assert written == ["first 2", "second 2"]


def test_a_deadline_belongs_to_one_slice() -> None:
    deadlines = Deadlines()

    @deadlines.on("expires")
    async def expire(about: UUID, tx: Tx) -> None: ...

    one = Slice(name="one", deadlines=deadlines)
    assert list(_service(one).deadlines.by_name) == ["expires"]
    with pytest.raises(ValueError, match="two reactions to the deadline expires"):
        _service(one, Slice(name="two", deadlines=deadlines))


def test_a_service_has_what_its_slices_have() -> None:
    async def loop(context: LoopContext) -> None: ...

    async def purge(tx: Tx) -> int:
        return 0

    async def purge_of_projection(tx: Tx) -> int:
        return 0

    async def try_again(tx: Tx, topic: str, id_: UUID) -> None: ...

    page: Any = uuid4
    router = Router(tags=["A"])
    one = Slice(
        name="one",
        routers=[router],
        projections=[Projection(handlers=Handlers("sample.more"), tables=[], purges=[purge_of_projection])],
        states=[ContactState],
        loops=[loop],
        queues={"sample.letters": try_again},
        pages={"/console": page},
        purges=[purge],
    )
    service = _service(one)
    assert (service.routers, service.states, dict(service.pages)) == ([router], [ContactState], {"/console": page})
    assert [each.name for each in service.projections] == ["sample.more"]
    assert service.loops[0] is loop
    assert service.loops[1].forgets == (purge, purge_of_projection)  # type: ignore[attr-defined]
    for field in ("queues", "pages"):
        again = Slice(name="two", **{field: getattr(one, field)})
        with pytest.raises(ValueError, match=f"two slices of sample have {field}"):
            _service(one, again)


def test_two_slices_have_two_names() -> None:
    with pytest.raises(ValueError, match="the same name"):
        _service(Slice(name="one"), Slice(name="one"))
