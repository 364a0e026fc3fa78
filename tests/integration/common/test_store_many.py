"""Many aggregates in one statement, each with its own events in order."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, Uuid, select, text
from sqlalchemy.exc import IntegrityError

from common.persistence.database import Database
from common.persistence.store import Store
from common.persistence.tables import add_plumbing
from common.persistence.transaction import uuid7
from events import Event
from events.parties import Parties
from events.registry import TrainerConfirmed, TrainerPaused
from tests.support.postgres import FreshDatabase
from tests.support.sample import make_tables

METADATA = MetaData()
add_plumbing(METADATA)
THINGS = Table(
    "things",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    id: UUID
    version: int = 0
    name: str

    @property
    def case(self) -> UUID:
        return self.id

    @property
    def parties(self) -> Parties:
        return Parties(trainer=self.id)


def new_thing(number: int) -> tuple[Thing, list[Event]]:
    id_ = uuid7()
    return Thing(id=id_, name=f"thing {number}"), [TrainerConfirmed(trainer_id=id_), TrainerPaused(trainer_id=id_)]


async def test_each_aggregate_is_written_at_the_version_of_its_events_and_published_in_order(
    fresh_database: FreshDatabase,
) -> None:
    database = Database(await fresh_database(), service="registry", metadata=METADATA, oin="0" * 20)
    await make_tables(database)
    things = Store(Thing, THINGS)
    new = [new_thing(number) for number in range(500)]
    async with database.begin(actor="test") as tx:
        added = await things.add_many(tx, new)
        assert await things.add_many(tx, []) == []
    assert [thing.id for thing in added] == [thing.id for thing, _ in new]
    async with database.begin(actor="test") as tx:
        rows = await tx.execute(select(THINGS.c.version))
        assert list(rows.scalars()) == [2] * 500
        told = await tx.execute(text("SELECT aggregateid, headers->>'ce_sequence' AS n FROM outbox ORDER BY position"))
        assert [tuple(row) for row in told] == [(str(thing.id), n) for thing, _ in new for n in ("1", "2")]
    with pytest.raises(IntegrityError):
        async with database.begin(actor="test") as tx:
            await things.add_many(tx, [new_thing(1), new[0]])
    async with database.begin(actor="test") as tx:
        assert len((await tx.execute(select(THINGS))).all()) == 500, "one that is there already undoes all of them"
    await database.close()
