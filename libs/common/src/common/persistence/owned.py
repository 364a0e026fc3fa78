"""Rows that have owners: the columns that name them give visibility, filters of lists, and indexes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, MetaData, Table, select, update
from sqlalchemy.schema import SchemaItem

from common.caller import Caller, CallerRole
from common.errors import NotFound
from common.persistence.paging import Paged, PageRequest
from common.persistence.tables import owner_indexes
from common.persistence.transaction import Tx
from common.persistence.visibility import owned

OWNERS: Final[Mapping[str, str]] = {
    "board_id": "boards",
    "school_id": "schools",
    "location_id": "locations",
    "company_id": "companies",
    "trainer_id": "trainers",
    "region": "regions",
}
"""The kind of owner that a column of this name holds."""
T = TypeVar("T")


def owned_table(name: str, metadata: MetaData, *parts: SchemaItem) -> Table:
    """Return a table whose rows have owners, with an index for every column that names one."""
    named = {part.name for part in parts if isinstance(part, Column)}
    return Table(name, metadata, *parts, *owner_indexes(name, *(owner for owner in OWNERS if owner in named)))


def owners_of(table: Table) -> dict[str, ColumnElement[Any]]:
    """Return the columns of a table that name the owners of a row, by kind."""
    return {kind: table.c[name] for name, kind in OWNERS.items() if name in table.c}


async def one_of(
    tx: Tx, caller: Caller, table: Table, id_: UUID, what: str, *, all_for: Collection[CallerRole] = ()
) -> Any:
    """Return one row, as a mapping.

    Raises:
        NotFound: there is none, or it is not this caller's.
    """
    visible = owned(caller, all_for=all_for, **owners_of(table)).condition()
    row = (await tx.execute(select(table).where(table.c.id == id_, visible))).mappings().one_or_none()
    if row is None:
        raise NotFound(what=what, id=id_)
    return row


async def page_of_owned(
    tx: Tx,
    caller: Caller,
    paging: PageRequest,
    table: Table,
    wanted: Mapping[str, Any],
    *,
    load: Callable[[Any], T],
    all_for: Collection[CallerRole] = (),
) -> Paged[T]:
    """Return a page of the caller's rows, by id. ``wanted`` are the values of columns; None is any value."""
    query = select(table).where(*(table.c[name] == value for name, value in wanted.items() if value is not None))
    mine = owned(caller, all_for=all_for, **owners_of(table))
    return await paging.read_each(tx, query, table.c.id, load=load, owned=mine)


async def follow_region(tx: Tx, table: Table, key: ColumnElement[UUID], regions: Mapping[UUID, str | None]) -> None:
    """Set the region of the rows whose key is one of these, in the order of the keys."""
    for value, region in sorted(regions.items(), key=lambda each: each[0]):
        moved = (key == value, table.c.region.is_distinct_from(region))
        await tx.execute(update(table).where(*moved).values(region=region))
