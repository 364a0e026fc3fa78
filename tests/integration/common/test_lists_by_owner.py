"""A list of several kinds of owners: each arm finds its rows by an index, and the pages are those of the condition."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, Uuid, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from common.caller import Caller, CallerRole
from common.persistence.database import engine_of
from common.persistence.listing import EVERYTHING, Arm, Owned, Part, Window, owned_by, page_of
from common.persistence.visibility import owned
from tests.support.filled import filling, id_of
from tests.support.postgres import FreshDatabase

rows: Final = Table(
    "rows",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("school_id", Uuid, nullable=False),
    Column("company_id", Uuid),
    Column("region", Text),
)
ROWS: Final = 300


@pytest.fixture
async def connection(fresh_database: FreshDatabase) -> AsyncIterator[AsyncConnection]:
    engine = engine_of(await fresh_database())
    async with engine.connect() as found:
        await found.run_sync(rows.metadata.create_all)
        own = {
            "rank": "i % 7",
            "school_id": id_of("party", "i % 4"),
            "company_id": f"CASE WHEN i % 3 = 0 THEN {id_of('party', 'i % 5')} END",
            "region": "'AM' || i % 3",
        }
        await found.execute(text(filling(rows, own, rows=ROWS)))
        yield found
    await engine.dispose()


async def party(connection: AsyncConnection, number: int) -> UUID:
    return UUID(str((await connection.execute(text(f"SELECT {id_of('party', number)}"))).scalar_one()))


async def all_pages(connection: AsyncConnection, part: Part, size: int, *, newest_first: bool) -> list[Any]:
    """Follow a list to its end, and check that no page is longer than was asked."""
    found: list[Any] = []
    after: tuple[Any, ...] | None = None
    while True:
        window = Window(size, after, newest_first=newest_first)
        page = (await connection.execute(page_of([part], window))).all()
        assert len(page) <= size
        if not page:
            return found
        found += page
        after = tuple(getattr(page[-1], str(each.key)) for each in part.by)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("size", [1, 7, 500])
async def test_the_pages_of_several_owners_are_the_rows_of_the_condition_once_and_in_order(
    connection: AsyncConnection, size: int, *, newest_first: bool
) -> None:
    mine = tuple([await party(connection, number) for number in (0, 1)])
    owned = Owned((Arm(rows.c.school_id, mine), Arm(rows.c.company_id, mine, rows.c.rank > 2), Arm(rows.c.region, ())))
    by = (rows.c.rank, rows.c.id)
    part = Part(select(rows).where(rows.c.rank < 6), by, owned)
    order = [each.desc() if newest_first else each for each in by]
    expected = select(rows).where(rows.c.rank < 6, owned.condition()).order_by(*order)
    wanted = (await connection.execute(expected)).all()
    assert 100 < len(wanted) < ROWS
    assert await all_pages(connection, part, size, newest_first=newest_first) == wanted


async def test_a_list_of_two_parts_is_one_list_in_order(connection: AsyncConnection) -> None:
    schools = owned_by(rows.c.school_id, [await party(connection, 0), await party(connection, 1)])
    parts = [
        Part(select(rows).where(rows.c.rank < 3), (rows.c.rank, rows.c.id), schools),
        Part(select(rows).where(rows.c.rank >= 3), (rows.c.rank, rows.c.id)),
    ]
    found = (await connection.execute(page_of(parts, Window(400, newest_first=True)))).all()
    condition = (rows.c.rank >= 3) | schools.condition()
    wanted = select(rows).where(condition).order_by(rows.c.rank.desc(), rows.c.id.desc())
    assert found == (await connection.execute(wanted)).all()


async def test_a_caller_without_rows_sees_an_empty_list(connection: AsyncConnection) -> None:
    for nobody in (Owned(), owned_by(rows.c.school_id, [])):
        part = Part(select(rows), (rows.c.id,), nobody)
        assert await all_pages(connection, part, 10, newest_first=False) == []
    nobody = owned(Caller(client="portal", subject="x"), schools=rows.c.school_id)
    assert nobody == Owned()


async def test_a_caller_who_sees_all_needs_no_arm(connection: AsyncConnection) -> None:
    staff = Caller(client="portal", subject="x", roles=frozenset({CallerRole.PROGRAMME}))
    everything = owned(staff, all_for={CallerRole.PROGRAMME}, schools=rows.c.school_id)
    assert everything is EVERYTHING
    assert (everything | Owned()) is EVERYTHING
    part = Part(select(rows), (rows.c.id,), everything)
    assert len(await all_pages(connection, part, 90, newest_first=False)) == ROWS
    with pytest.raises(TypeError, match="no arms"):
        everything.where(rows.c.rank > 1)


def test_a_further_condition_is_added_to_the_conditions_of_an_arm() -> None:
    owned = owned_by(rows.c.region, ["AM1"]).where(rows.c.rank > 1).where(rows.c.rank < 4)
    assert str(owned.condition()).count("rows.rank") == 2
