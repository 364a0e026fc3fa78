"""A projection is rebuilt from either log while events come in, and the old one is kept where that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from common.messaging.consumer.handlers import Handler
from common.messaging.log import EventLog
from common.messaging.pglog import PostgresLog
from common.persistence.transaction import Tx
from common.service import Projection
from events.flow import ClockMoved
from events.registry import TrainerAvailable
from hto.rebuild import AlreadyRebuilding, CannotReplay, RebuildFailed
from hto.services import all_services
from tests.integration.common.rebuilding import Operations, operations_on
from tests.support.containers import Kafka, a_broker
from tests.support.postgres import FreshDatabase

PROJECTIONS = [projection.name for each in all_services() for projection in each.projections]
on_postgresql = pytest.mark.parametrize("event_log", ["postgresql"], indirect=True)


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    """A broker of the test's own: topics and groups have their names from the services."""
    with a_broker() as broker:
        yield broker


@pytest.fixture
async def operations(
    request: pytest.FixtureRequest, event_log: EventLog, fresh_database: FreshDatabase
) -> AsyncIterator[Operations]:
    """The service whose projection the test is about."""
    name = request.node.callspec.params.get("name", "operations.cases")
    service = next(each for each in all_services() if each.name == name.partition(".")[0])
    async with operations_on(event_log, await fresh_database(), service=service) as made:
        yield made


@pytest.mark.parametrize("name", PROJECTIONS)
async def test_no_event_is_lost_or_handled_twice_while_events_come_in(operations: Operations, name: str) -> None:
    await operations.happen(100)
    await operations.until_quiet()
    table = operations.projection(name).tables[0].name
    await operations.do(f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} LIMIT 20)")

    async def traffic() -> None:
        while True:
            await operations.happen(3)
            await asyncio.sleep(0.01)

    coming = asyncio.create_task(traffic())
    comparison = await operations.rebuild(name)
    coming.cancel()
    await asyncio.gather(coming, return_exceptions=True)
    found = {one.table: one for one in comparison.tables}[table]
    assert (found.added, found.missing) == (20, 0)
    await operations.until_quiet()
    again = await operations.rebuild(name)
    assert not again.differs, again
    assert again.parked == 0


@on_postgresql
async def test_differences_are_counted_by_table_and_column_and_the_old_rows_kept(operations: Operations) -> None:
    await operations.happen(4)
    await operations.until_quiet()
    await operations.do("UPDATE trainers SET approved_minutes = approved_minutes + 1")
    await operations.do("DELETE FROM hours")
    await operations.do(
        "INSERT INTO assignments (assignment_id, trainer_id) SELECT trainer_id, trainer_id FROM trainers"
    )
    before = await operations.rows("operations.figures")
    comparison = await operations.rebuild("operations.figures", lambda _: False)
    trainers, assignments, hours, _ = comparison.tables
    assert (trainers.changed, trainers.columns, len(trainers.examples)) == (4, {"approved_minutes": 4}, 4)
    assert (assignments.missing, assignments.added, assignments.old, assignments.new) == (4, 0, 8, 4)
    assert (hours.missing, hours.added, hours.old, hours.new) == (0, 4, 0, 4)
    assert await operations.rows("operations.figures") == before


@on_postgresql
async def test_one_that_is_cancelled_leaves_the_old_as_it_was_and_the_next_one_starts_anew(
    operations: Operations,
) -> None:
    await operations.happen(20)
    await operations.until_quiet()
    await operations.do("DELETE FROM hours")
    begun = asyncio.Event()
    task = asyncio.create_task(operations.rebuild("operations.figures", show=lambda *_: begun.set()))
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await operations.rows("operations.figures"))["hours"] == []
    assert await operations.do("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'rebuild%'") == []
    await operations.do("CREATE SCHEMA rebuild_operations_figures")  # as a run that was killed leaves it
    await operations.do("CREATE TABLE rebuild_operations_figures.hours (of_then int)")
    await operations.rebuild("operations.figures")
    assert len((await operations.rows("operations.figures"))["hours"]) == 20


@on_postgresql
async def test_a_second_one_is_refused_while_the_first_runs(operations: Operations) -> None:
    await operations.happen(2)
    await operations.until_quiet()
    begun = asyncio.Event()
    async with operations.database.begin(actor="test") as tx:
        await tx.execute(text("LOCK TABLE hours IN ROW EXCLUSIVE MODE"))  # the first one waits for whoever writes
        first = asyncio.create_task(operations.rebuild("operations.figures", show=lambda *_: begun.set()))
        await begun.wait()
        with pytest.raises(AlreadyRebuilding):
            await operations.rebuild("operations.figures")
    assert not (await first).differs


@on_postgresql
async def test_a_writer_that_never_ends_is_given_up_on(operations: Operations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hto.rebuild.shadow._TRIES", 2)
    monkeypatch.setattr("hto.rebuild.shadow._WRITERS_END_WITHIN", 50)
    await operations.happen(1)
    await operations.until_quiet()
    async with operations.database.begin(actor="test") as tx:
        await tx.execute(text("LOCK TABLE hours IN ROW EXCLUSIVE MODE"))
        with pytest.raises(RebuildFailed, match="does not end"):
            await operations.rebuild("operations.figures")


@on_postgresql
async def test_a_parked_event_stays_parked_and_its_redrive_handles_it_afterwards(operations: Operations) -> None:
    await operations.do("ALTER TABLE hours ADD CONSTRAINT broken CHECK (worked_on < '1900-01-01')")
    await operations.happen(2)
    await operations.until_quiet()
    assert (await operations.rows("operations.figures"))["hours"] == []
    await operations.do("ALTER TABLE hours DROP CONSTRAINT broken")
    await operations.do("DELETE FROM trainers")
    comparison = await operations.rebuild("operations.figures")
    assert comparison.parked == 2
    rows = await operations.rows("operations.figures")
    assert (len(rows["trainers"]), rows["hours"]) == (2, [])
    await operations.redrive_all("operations.figures")
    again = await operations.rebuild("operations.figures")
    assert (again.differs, again.parked, len((await operations.rows("operations.figures"))["hours"])) == (False, 0, 2)


@on_postgresql
async def test_an_event_parked_when_it_was_read_is_handled_once_after_its_redrive(operations: Operations) -> None:
    await operations.do("ALTER TABLE hours ADD CONSTRAINT broken CHECK (worked_on < '1900-01-01')")
    await operations.happen(2)
    await operations.until_quiet()
    await operations.do("ALTER TABLE hours DROP CONSTRAINT broken")
    read = asyncio.Event()
    async with operations.database.begin(actor="test") as tx:
        await tx.execute(text("LOCK TABLE assignments IN ROW EXCLUSIVE MODE"))
        task = asyncio.create_task(operations.rebuild("operations.figures", show=lambda *_: read.set()))
        await read.wait()
        await operations.redrive_all("operations.figures")
    comparison = await task
    assert (comparison.differs, comparison.parked) == (False, 0)
    assert len((await operations.rows("operations.figures"))["hours"]) == 2


@on_postgresql
async def test_an_event_that_an_operator_passed_over_is_passed_over_again(operations: Operations) -> None:
    await operations.do("ALTER TABLE hours ADD CONSTRAINT broken CHECK (worked_on < '1900-01-01')")
    await operations.happen(1)
    await operations.until_quiet()
    await operations.do("ALTER TABLE hours DROP CONSTRAINT broken")
    await operations.discard_all("operations.figures")
    comparison = await operations.rebuild("operations.figures")
    assert not comparison.differs, comparison
    await operations.until_quiet()  # the order is on the log now, no more in the outbox
    comparison = await operations.rebuild("operations.figures")
    assert not comparison.differs, comparison
    assert (await operations.rows("operations.figures"))["hours"] == []


def _projection_that(operations: Operations, reacts: Handler) -> Projection:
    """Figures with one more reaction."""
    figures = operations.projection("operations.figures")
    handlers = figures.handlers.copy()
    handlers.single[TrainerAvailable.type] = reacts
    return replace(figures, handlers=handlers)


async def _publish(event: TrainerAvailable, tx: Tx) -> None:
    tx.publish(ClockMoved(offset_seconds=0, moved_at=tx.now))


async def _set_deadline(event: TrainerAvailable, tx: Tx) -> None:
    await tx.set_deadline("trainer.forgotten", event.trainer_id, tx.now)


async def _read_cases(event: TrainerAvailable, tx: Tx) -> None:
    await tx.execute(text("SELECT * FROM cases"))


@on_postgresql
async def test_a_handler_that_does_more_than_write_its_tables_is_refused(operations: Operations) -> None:
    await operations.happen(1)
    await operations.until_quiet()
    for reacts, why in (
        (_publish, "is no projection: it publishes nl.hybride-techniekopleiders.clock.moved"),
        (_set_deadline, "is no projection: it sets the deadline trainer.forgotten"),
        (_read_cases, r"cannot handle hto.registry.events/\d/\d+ \(nl.hybride-techniekopleiders.trainer.available"),
    ):
        with pytest.raises(CannotReplay, match=why):
            await operations.rebuild_of(_projection_that(operations, reacts))
    assert await operations.do("SELECT 1 FROM outbox WHERE type LIKE '%clock.moved%'") == []
    assert await operations.do("SELECT 1 FROM deadlines") == []


@on_postgresql
async def test_rows_whose_events_were_purged_from_the_log_are_said_to_be_lost(
    operations: Operations, event_log: EventLog
) -> None:
    await operations.happen(3)
    await operations.until_quiet()
    assert isinstance(event_log, PostgresLog)
    async with event_log._control.acquire() as log:
        await log.execute("DELETE FROM records WHERE NOT compacted")
    await operations.happen(1)
    await operations.until_quiet()
    comparison = await operations.rebuild("operations.figures", lambda found: not found.loses)
    assert comparison.loses
    assert comparison.purged == ["hto.contracts.events", "hto.registry.events"]
    assert len((await operations.rows("operations.figures"))["hours"]) == 4


@on_postgresql
async def test_events_that_the_live_consumer_has_not_handled_stay_to_be_handled(operations: Operations) -> None:
    await operations.happen(2)
    await operations.until_quiet()
    for task in operations.running._tasks:
        task.cancel()
    await asyncio.gather(*operations.running._tasks, return_exceptions=True)
    await operations.happen(3)
    await operations.do("DELETE FROM hours")
    comparison = await operations.rebuild("operations.figures")
    assert [one.new for one in comparison.tables] == [2, 2, 2, 0], "the fourth has bottlenecks, of which none happened"
