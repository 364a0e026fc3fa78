"""An event has one publisher, declared with its module: topics follow from that and from nothing else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import run
from typing import ClassVar
from uuid import UUID

import pytest

import events
from common.messaging.consumer import Handlers
from common.persistence.transaction import Tx
from events import PREFIX, Event, NotItsPublisher, may_publish, published_by, publishers_of, topic_from, topics_of
from events.contracts import ContractSigned
from events.flow import ClockMoved, DiscardOrdered, EventParked, RedriveOrdered
from events.policies import PolicyPublished
from events.registry import ContactState, TrainerPaused

SERVICES = ("registry", "matching", "contracts", "notifications", "operations")
LIBRARY = Path(events.__file__).parents[1]


@pytest.mark.parametrize(
    ("event", "topics"),
    [
        (TrainerPaused, {"hto.registry.events"}),
        (ContactState, {"hto.registry.contacts"}),
        (PolicyPublished, {"hto.registry.policies"}),
        (ContractSigned, {"hto.contracts.events"}),
        (RedriveOrdered, {"hto.operations.events"}),
        (DiscardOrdered, {"hto.operations.events"}),
        (ClockMoved, {"hto.operations.events"}),
        (EventParked, {f"hto.{service}.events" for service in SERVICES}),
    ],
)
def test_the_topics_of_an_event_are_those_of_its_publishers(event: type[Event], topics: set[str]) -> None:
    assert topics_of(event, SERVICES) == topics


def test_another_services_event_has_no_topic_for_a_service() -> None:
    assert not may_publish("matching", ContractSigned)
    with pytest.raises(NotItsPublisher, match=r"Only contracts may publish .*contract\.signed\.v1, not matching"):
        topic_from("matching", ContractSigned)


_SPLIT = """
import events.catalogue
from common.messaging.consumer import Handlers
from events import topics_of
from events.registry import TrainerPaused, VacancyPosted
assert TrainerPaused.__module__ == "events.registry.everything"
handlers = Handlers()
handlers.on(TrainerPaused)(lambda event, tx: None)
print(*handlers.topics(("registry", "matching", "contracts", "notifications", "operations")))
"""


@pytest.mark.parametrize("declared_in", ["the module", "the package"])
def test_a_module_of_events_that_becomes_a_package_changes_no_subscription(tmp_path: Path, declared_in: str) -> None:
    """Seen red with topics read from the module's path: the consumers subscribed to the topics of all services."""
    copy = tmp_path / "events"
    run(["cp", "-r", str(LIBRARY / "events"), str(copy)], check=True)
    text, declaration = (copy / "registry.py").read_text("utf-8"), 'published_by(__name__, "registry")\n'
    assert declaration in text
    (copy / "registry.py").unlink()
    (copy / "registry").mkdir()
    names = "from events.registry.everything import *  # noqa: F403\n"
    if declared_in == "the package":
        text = text.replace(declaration, "")
        names = f"from events import published_by\n{declaration}{names}"
    (copy / "registry/everything.py").write_text(text, "utf-8")
    (copy / "registry/__init__.py").write_text(names, "utf-8")
    ended = run(
        [sys.executable, "-c", _SPLIT],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{LIBRARY}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout.split(), ended.stderr) == (["hto.registry.events"], "")


@pytest.fixture
def bell_rung() -> Iterator[type[Event]]:
    class BellRung(Event):
        """A bell was rung."""

        type: ClassVar[str] = f"{PREFIX}bell.rung.v1"
        dutch: ClassVar[str] = "Er is gebeld."
        about: ClassVar[str] = "bell_id"
        bell_id: UUID

    yield BellRung
    del events.CATALOGUE[BellRung.type]


def test_an_event_of_an_undeclared_module_belongs_to_no_service(bell_rung: type[Event]) -> None:
    assert publishers_of(bell_rung) == ()
    with pytest.raises(NotItsPublisher, match="a service that its module declares"):
        topic_from("registry", bell_rung)


def test_a_publisher_declared_by_a_package_holds_for_its_modules(bell_rung: type[Event]) -> None:
    bell_rung.__module__ = "towers.west.bells"
    published_by("towers", "registry")
    try:
        handlers = Handlers()

        @handlers.on(bell_rung)
        async def ring(event: Event, tx: Tx) -> None: ...

        assert handlers.topics(SERVICES) == ("hto.registry.events",)
    finally:
        del events._PUBLISHERS["towers"]
        publishers_of.cache_clear()
