"""A consumer of which projections were a part is upgraded: they begin where it stood, and replay nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from common.messaging.log import EventLog
from common.persistence.migrations import runner
from hto.handover import hand_over
from hto.services import NAMES
from operations.app import service
from tests.integration.common.rebuilding import Operations, handle_as_before, operations_on
from tests.support.containers import Kafka, a_broker
from tests.support.postgres import FreshDatabase

_ONE_SECOND = timedelta(seconds=1)
PROJECTIONS = ("operations.cases", "operations.figures")


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    """A broker of the test's own: topics and groups have their names from the services."""
    with a_broker() as broker:
        yield broker


async def _handle_as_before(operations: Operations, event_log: EventLog, url: str) -> None:
    """Have one consumer do all, as before the upgrade, and bring the database up to the version with projections."""
    await handle_as_before(operations, event_log, [each.handlers for each in service.projections])
    await runner.downgrade(service, url, "0010")
    await runner.upgrade(service, url)


@pytest.mark.parametrize("margin", ["none", "all there is"])
async def test_projections_begin_where_the_service_had_read_to(
    event_log: EventLog, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, margin: str
) -> None:
    if margin == "none":
        monkeypatch.setattr("hto.handover.MARGIN", -_ONE_SECOND)
    url = await fresh_database()
    async with operations_on(event_log, url, worker=False) as operations:
        await operations.happen(5)
        await _handle_as_before(operations, event_log, url)
        assert await operations.do("DELETE FROM steps RETURNING 1")  # a replay would bring them back
        moved = await hand_over(service, url, event_log, NAMES)
        assert moved == (
            [f"hto.{name} begins where operations had read to" for name in PROJECTIONS] if margin == "none" else []
        )
        assert await hand_over(service, url, event_log, NAMES) == []
        await operations.running.start(worker=True)
        await operations.happen(2)
        await operations.until_quiet()
        assert len((await operations.rows("operations.cases"))["steps"]) == 8
        figures = await operations.rebuild("operations.figures", lambda _: False)
        assert not figures.differs, figures
        assert len((await operations.rows("operations.figures"))["trainers"]) == 7


async def test_a_parked_event_is_parked_for_each_projection_and_redriven(
    event_log: EventLog, fresh_database: FreshDatabase
) -> None:
    url = await fresh_database()
    async with operations_on(event_log, url, worker=False) as operations:
        await operations.do("ALTER TABLE hours ADD CONSTRAINT broken CHECK (worked_on < '1900-01-01')")
        await operations.happen(1)
        await _handle_as_before(operations, event_log, url)
        await operations.do("ALTER TABLE hours DROP CONSTRAINT broken")
        parked = await operations.do("SELECT consumer, announced FROM parked_keys ORDER BY consumer")
        assert [tuple(row) for row in parked] == [("operations", True), *((name, False) for name in PROJECTIONS)]
        await operations.running.start(worker=True)
        await operations.until("SELECT 1 FROM parked_keys", there=False)
        await operations.until_quiet()
        assert len((await operations.rows("operations.figures"))["hours"]) == 1
        assert len((await operations.rows("operations.cases"))["steps"]) >= 4


async def test_a_new_installation_hands_nothing_over(event_log: EventLog, fresh_database: FreshDatabase) -> None:
    url = await fresh_database()
    async with operations_on(event_log, url, worker=False) as operations:
        await operations.happen(1)
        assert await hand_over(service, url, event_log, NAMES) == []
