"""What the tests of the plumbing share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from common.messaging.log import EventLog
from common.persistence.database import Database
from tests.conformance.quick import quick_log
from tests.support.containers import Kafka, a_broker
from tests.support.http_sample import Sample, sample
from tests.support.plumbing import Ears, MeddledLog, ears_at, make_topics, opened
from tests.support.postgres import FreshDatabase, Postgres, create_database


@pytest.fixture(scope="session")
async def notes_database(postgres_server: Postgres) -> str:
    """The database that the sample service's tests share; each finds it empty."""
    return await create_database(postgres_server)


@pytest.fixture
async def notes(notes_database: str, tmp_path: Path) -> AsyncIterator[Sample]:
    """A small service with an API, at work."""
    async with sample(notes_database, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    """A broker for the tests of one file."""
    with a_broker() as broker:
        yield broker


@pytest.fixture(params=["postgresql", pytest.param("kafka", marks=pytest.mark.containers)])
async def event_log(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> AsyncIterator[EventLog]:
    """Each of the two logs, with the topics of the tests."""
    if request.param == "kafka":
        made = quick_log(f"kafka://localhost:{request.getfixturevalue('kafka').port}")
    else:
        made = quick_log(await fresh_database())
    await make_topics(made)
    yield made
    await made.stop()


@pytest.fixture
async def ears(fresh_database: FreshDatabase) -> AsyncIterator[Ears]:
    """A service that follows the log, and what it heard."""
    async with ears_at(await fresh_database()) as made:
        yield made


@pytest.fixture
async def meddled(fresh_database: FreshDatabase) -> AsyncIterator[MeddledLog]:
    """A log whose answers a test may spoil."""
    event_log = MeddledLog(await fresh_database())
    await make_topics(event_log)
    yield event_log
    await event_log.stop()


@pytest.fixture
async def teller(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    """The database of a service that publishes."""
    async with opened(await fresh_database(), "registry") as database:
        yield database
