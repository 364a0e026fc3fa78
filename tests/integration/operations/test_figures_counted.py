"""The database counts the figures as the rule counts persons: by running totals, without loading anybody."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import event

from common.persistence.database import Database
from common.persistence.migrations import runner
from common.persistence.transaction import uuid7
from operations.app import service
from operations.figure import store as counted
from operations.figure.model import Totals, TrainerFacts
from operations.figure.queries import programme_figures, totals
from tests.support.at_work import database_at, seed_policies
from tests.support.postgres import FreshDatabase

RULE: Final = {"baseline": "2025-08-01", "minimumApprovedMinutes": 60, "target": 1000}
BASELINE: Final = date(2025, 8, 1)
PEOPLE: Final = 120


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    url = await fresh_database()
    await runner.upgrade(service, url)
    made = database_at(service, url)
    yield made
    await made.close()


async def _tell(database: Database, chance: random.Random) -> TrainerFacts:
    """Write down one person's year, each fact twice and in any order; return what counts of it."""
    one, region = uuid7(), chance.choice(["AM01", "AM28", None])
    before, started = chance.random() < 0.3, BASELINE + timedelta(days=chance.randint(-40, 40))
    starts, ended = chance.randint(0, 2), chance.randint(0, 2)
    lines = [(uuid7(), chance.choice([30, 45, 60, -30])) for _ in range(chance.randint(0, 4))]
    assignments = [uuid7() for _ in range(starts)]
    async with database.begin(actor="test") as tx:
        for line, minutes in chance.sample(lines * 2, len(lines) * 2):
            await counted.put_hours(tx, line, trainer_id=one, worked_on=started, contact_minutes=minutes, region=region)
        await counted.put_trainer(tx, one, was_trainer_before=before)
        for number, assignment in enumerate(assignments):
            day = started + timedelta(days=number)
            await counted.put_trainer(tx, one, first_started_on=day, region=region)
            await counted.put_assignment(tx, assignment, trainer_id=one, started_on=day, region=region)
            if number < ended:
                await counted.put_assignment(tx, assignment, trainer_id=one, ended_on=day)
    return TrainerFacts(
        trainer_id=one,
        was_trainer_before=before,
        first_started_on=started if starts else None,
        region=region if starts else None,
        active_assignments=max(0, starts - ended),
        approved_minutes=sum(minutes for _, minutes in lines),
    )


@pytest.mark.parametrize("seed", range(3))
async def test_the_database_counts_persons_as_the_rule_does(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    people = [await _tell(database, chance) for _ in range(PEOPLE)]
    counts = [one for one in people if one.active_assignments > 0 or one.approved_minutes > 0]
    async with database.begin(actor="test") as tx:
        found = await totals(tx, RULE)
    assert found == Totals.of(counts, RULE)
    assert found.extra
    assert 0 < found.active < PEOPLE


@contextmanager
def _rows_read(database: Database) -> Iterator[list[int]]:
    read: list[int] = []
    engine = database.engine.sync_engine

    def keep(_: Any, cursor: Any, *__: Any) -> None:
        read.append(max(cursor.rowcount, 0))

    event.listen(engine, "after_cursor_execute", keep)
    try:
        yield read
    finally:
        event.remove(engine, "after_cursor_execute", keep)


async def test_figures_load_no_row_per_person(database: Database) -> None:
    await seed_policies(database)
    chance = random.Random(0)
    for _ in range(PEOPLE):
        await _tell(database, chance)
    async with database.begin(actor="test") as tx:
        await tx.policies()  # read before, so that only what is counted is seen
        with _rows_read(database) as read:
            await programme_figures(tx)
    assert 0 < sum(read) < PEOPLE / 10


async def test_a_trainer_first_seen_by_hours_counts_once_the_rest_is_known(database: Database) -> None:
    one = UUID(int=7)
    async with database.begin(actor="test") as tx:
        hours = {"trainer_id": one, "worked_on": BASELINE, "contact_minutes": 90, "region": "AM01"}
        await counted.put_hours(tx, uuid7(), **hours)
        assert (await totals(tx, RULE)).extra == {}
        await counted.put_trainer(tx, one, first_started_on=BASELINE, region="AM01")
        assert await totals(tx, RULE) == Totals(extra={"AM01": 1}, active=0, worked=1, minutes=90)


async def test_reports_are_counted_once_by_item_and_region(database: Database) -> None:
    first, second, third = (uuid7() for _ in range(3))
    async with database.begin(actor="test") as tx:
        await counted.put_bottlenecks(tx, {first: ("K1", None), second: ("K2.2", "AM01")})
        await counted.put_bottlenecks(tx, {second: ("K2.2", "AM01"), third: ("K2.2", "AM01")})
        assert (await totals(tx, RULE)).bottlenecks == {("K1", None): 1, ("K2.2", "AM01"): 2}
