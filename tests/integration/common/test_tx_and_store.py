"""Rows, events, audit trail and deadlines commit together; a lost race is seen; sequences have no gap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, Uuid, text
from sqlalchemy.exc import DBAPIError

from common.clock import Clock
from common.envelope import Envelope
from common.errors import NotFound, StaleVersion
from common.persistence.database import Database
from common.persistence.store import Change, Store
from common.persistence.tables import add_plumbing
from events.parties import Parties
from events.registry import TrainerLeft, TrainerPaused
from tests.support.plumbing import OIN
from tests.support.postgres import FreshDatabase
from tests.support.sample import make_tables, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """The smallest aggregate."""

    id: UUID
    version: int = 0
    name: str

    @property
    def case(self) -> UUID:
        return self.id

    @property
    def parties(self) -> Parties:
        return Parties(school=SCHOOL, trainer=self.id, region="AM28")

    def pause(self) -> Change[Pupil]:
        return replace(self, name="paused"), [TrainerPaused(trainer_id=self.id)]

    def leave(self) -> Change[Pupil]:
        return replace(self, name="gone"), [
            TrainerPaused(trainer_id=self.id),
            TrainerLeft(trainer_id=self.id, reason="other"),
        ]


SCHOOL = new_id()
METADATA = MetaData()
add_plumbing(METADATA)
PUPILS = Table(
    "pupils",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
)
pupils = Store(Pupil, PUPILS)


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    made = Database(await fresh_database(), service="registry", metadata=METADATA, oin=OIN, clock=Clock())
    await make_tables(made)
    yield made
    await made.close()


async def _new(database: Database) -> Pupil:
    async with database.begin(actor="school-hr") as tx:
        return await pupils.add(tx, *Pupil(id=new_id(), name="new").pause())


async def _outbox(database: Database) -> list[tuple[str, str]]:
    async with database.begin(actor="test") as tx:
        rows = await tx.execute(
            text("SELECT headers->>'ce_sequence' AS number, aggregateid AS key FROM outbox ORDER BY position")
        )
        return [(row.number, row.key) for row in rows]


async def test_an_event_carries_the_parties_of_its_aggregate_and_without_one_those_that_it_names(
    database: Database,
) -> None:
    """Seen red without the aggregate's parties and without the envelope's attribute: the event itself names one."""
    pupil, alone = await _new(database), new_id()
    async with database.begin(actor="test") as tx:
        tx.publish(TrainerPaused(trainer_id=alone))
        tx.publish(TrainerPaused(trainer_id=alone), parties=Parties())
    async with database.begin(actor="test") as tx:
        rows = await tx.execute(text("SELECT headers FROM outbox ORDER BY position"))
        headers = [row.headers for row in rows]
    assert [row.get("ce_parties") for row in headers] == [
        f"school={SCHOOL} trainer={pupil.id} region=AM28",
        f"trainer={alone}",
        None,
    ]
    assert Envelope.from_headers(headers[0]).parties == pupil.parties


async def test_of_two_writers_of_one_version_one_loses_and_publishes_no_event(database: Database) -> None:
    """Seen red without the version in the UPDATE: the second write overwrote the first."""
    pupil = await _new(database)
    both = asyncio.Barrier(2)

    async def change() -> str:
        try:
            async with database.begin(actor="test") as tx:
                read = await pupils.get(tx, pupil.id)
                await both.wait()
                await pupils.apply(tx, *read.pause())
        except StaleVersion:
            return "lost"
        return "won"

    assert sorted(await asyncio.gather(change(), change())) == ["lost", "won"]
    assert [number for number, _ in await _outbox(database)] == ["1", "2"]


async def test_two_events_of_one_transition_have_each_their_number_and_there_is_no_gap(database: Database) -> None:
    """Seen red with a version that counts writes instead of events."""
    pupil = await _new(database)
    async with database.begin(actor="test") as tx:
        left = await pupils.apply(tx, *(await pupils.get(tx, pupil.id)).leave())
    async with database.begin(actor="test") as tx:
        again = await pupils.apply(tx, *left.pause())
    assert (pupil.version, left.version, again.version) == (1, 3, 4)
    assert [number for number, _ in await _outbox(database)] == ["1", "2", "3", "4"]


async def test_writers_that_try_again_leave_a_sequence_without_a_gap(database: Database) -> None:
    """Seen red without the version in the UPDATE, and with the outbox written after the commit."""
    pupil = await _new(database)

    async def change() -> None:
        while True:
            try:
                async with database.begin(actor="test") as tx:
                    await pupils.apply(tx, *(await pupils.get(tx, pupil.id)).leave())
            except StaleVersion:
                continue
            else:
                return

    await asyncio.gather(*(change() for _ in range(8)))
    assert [number for number, _ in await _outbox(database)] == [str(number) for number in range(1, 18)]


async def test_a_transition_without_events_writes_nothing(database: Database) -> None:
    pupil = await _new(database)
    async with database.begin(actor="test") as tx:
        assert await pupils.apply(tx, replace(pupil, name="other"), []) is not None
        assert await pupils.get(tx, pupil.id) == pupil


async def test_a_missing_aggregate_is_not_found(database: Database) -> None:
    async with database.begin(actor="test") as tx:
        assert await pupils.find(tx, new_id()) is None
        with pytest.raises(NotFound, match="no pupil"):
            await pupils.get(tx, new_id())


async def test_a_lock_makes_other_writers_wait(database: Database) -> None:
    """Seen red without FOR UPDATE."""
    pupil = await _new(database)
    async with database.begin(actor="test") as tx:
        await pupils.get(tx, pupil.id, lock=True)

        async def change() -> None:
            async with database.begin(actor="test") as other:
                await pupils.apply(other, *(await pupils.get(other, pupil.id, lock=True)).pause())

        waits = asyncio.create_task(change())
        await asyncio.sleep(0.1)
        assert not waits.done()
        await pupils.apply(tx, *pupil.pause())
    await waits
    assert [number for number, _ in await _outbox(database)] == ["1", "2", "3"]


async def test_many_new_aggregates_are_written_and_published_in_their_order(database: Database) -> None:
    new = [Pupil(id=new_id(), name=str(number)).leave() for number in range(3)]
    async with database.begin(actor="test") as tx:
        written = await pupils.add_many(tx, new)
        assert await pupils.where(tx, PUPILS.c.version == 2) == written
        assert await pupils.add_many(tx, []) == []
    keys = [str(pupil.id) for pupil, _ in new for _ in range(2)]
    assert await _outbox(database) == list(zip(["1", "2"] * 3, keys, strict=True))


async def test_rows_events_and_audit_trail_go_down_together(database: Database) -> None:
    """Seen red with the outbox written in a transaction of its own."""
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is one transaction
        async with database.begin(actor="test") as tx:
            await pupils.add(tx, *Pupil(id=new_id(), name="new").pause())
            await tx.set_deadline("what", new_id(), tx.now)
            await tx.flush()
            raise ZeroDivisionError
    async with database.begin(actor="test") as tx:
        for table in ("pupils", "outbox", "audit", "deadlines"):
            assert (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0
    assert not database.committed.is_set()


async def test_a_change_whose_event_cannot_be_published_is_rolled_back(database: Database) -> None:
    """Seen red with the outbox written after the commit."""
    async with database.begin(actor="test") as tx:
        await tx.execute(text("ALTER TABLE outbox ADD CONSTRAINT shut CHECK (false)"))
    with pytest.raises(DBAPIError):
        await _new(database)
    async with database.begin(actor="test") as tx:
        assert (await tx.execute(text("SELECT count(*) FROM pupils"))).scalar_one() == 0


async def test_the_audit_trail_says_who_did_what_about_whom(database: Database) -> None:
    pupil = await _new(database)
    async with database.begin(actor="school-hr") as tx:
        await pupils.apply(tx, *pupil.pause(), policy_version=7, reason="asked for")
        rows = (await tx.execute(text("SELECT 1 FROM audit WHERE reason IS NOT NULL"))).all()
        assert rows == []  # written at the end, with the events
    async with database.begin(actor="test") as tx:
        row = (await tx.execute(text("SELECT * FROM audit WHERE reason IS NOT NULL"))).one()
    assert (row.actor, row.about, row.policy_version, row.case_id) == (
        "school-hr",
        f"trainer/{pupil.id}",
        7,
        str(pupil.id),
    )


async def test_an_error_of_the_database_does_not_repeat_values(database: Database) -> None:
    """It ends up in logs. Seen red without ``hide_parameters``."""
    async with database.begin(actor="test") as tx:
        with pytest.raises(DBAPIError) as caught:
            await tx.execute(text("SELECT CAST(:what AS text) / 0"), {"what": "Jan Jansen"})
        assert "Jansen" not in str(caught.value)
        await tx.connection.rollback()


def test_a_table_that_differs_from_its_class_is_refused() -> None:
    table = Table("wrong", MetaData(), Column("id", Uuid), Column("version", Integer), Column("nam", Text))
    with pytest.raises(TypeError, match="nam"):
        Store(Pupil, table)
