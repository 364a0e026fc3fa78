"""The differences between a rebuilt projection and the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDifference:
    """One table, old and new."""

    table: str
    old: int
    """Rows."""
    new: int
    missing: int = 0
    """Rows that only the old one has: the switch loses them."""
    added: int = 0
    """Rows that only the new one has."""
    changed: int = 0
    columns: Mapping[str, int]
    """In how many of the changed rows each column differs."""
    examples: Sequence[str] = ()
    """Keys of some rows that differ: ids, never what is in them."""
    dropped: bool = False
    """Whether there is no old table."""

    @property
    def differs(self) -> bool:
        """Whether there is anything to switch for."""
        return bool(self.dropped or self.missing or self.added or self.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All tables of a projection at one moment, at which both had handled the same events."""

    tables: Sequence[TableDifference]
    parked: int
    """Events that the live consumer has parked: neither has handled them, and they stay parked."""
    purged: Sequence[str]
    """Topics whose first events are gone: what was made of them cannot be rebuilt."""

    @property
    def differs(self) -> bool:
        """Whether any table does."""
        return any(table.differs for table in self.tables)

    @property
    def loses(self) -> bool:
        """Whether the switch would lose rows whose events may be gone from the log."""
        return bool(self.purged) and any(table.missing for table in self.tables)


async def compare(connection: AsyncConnection, table: Table, old: str, new: str) -> TableDifference:
    """Compare a table in two schemas."""
    exists = await connection.execute(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": f"{old}.{table.name}"})
    if not exists.scalar_one():
        count = (await connection.execute(text(f"SELECT count(*) FROM {new}.{table.name}"))).scalar_one()  # noqa: S608 - our own names
        return TableDifference(table=table.name, old=0, new=count, added=count, columns={}, dropped=True)
    both = _both(table, old, new)
    others = [f'"{column.name}"' for column in table.columns if not column.primary_key]
    counted = "".join(f", count(*) FILTER (WHERE {_BOTH} AND o.{it} IS DISTINCT FROM n.{it}) AS {it}" for it in others)
    query = f"SELECT {_COUNTS}{counted} FROM {both}"  # noqa: S608 - as above
    row = dict((await connection.execute(text(query))).mappings().one())
    totals = {name: row.pop(f"rows_{name}") for name in ("old", "new", "missing", "added", "changed")}
    return TableDifference(
        table=table.name,
        **totals,
        columns={name: number for name, number in row.items() if number},
        examples=await _examples(connection, table, both),
    )


async def _examples(connection: AsyncConnection, table: Table, both: str) -> list[str]:
    keys = [f'"{column.name}"' for column in table.primary_key]
    shown = " || ' ' || ".join(f"coalesce(o.{key}, n.{key})::text" for key in keys)
    query = f"SELECT {shown} AS key FROM {both} WHERE o.* IS DISTINCT FROM n.* LIMIT {EXAMPLES}"  # noqa: S608 - as above
    rows: Any = await connection.execute(text(query))
    return list(rows.scalars())


def _both(table: Table, old: str, new: str) -> str:
    """Return both as one relation: marked, since a row of nulls alone is none to PostgreSQL."""
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    sides = (f"(SELECT {columns}, true AS is_there FROM {schema}.{table.name})" for schema in (old, new))  # noqa: S608 - as above
    return "{} o FULL JOIN {} n USING ({})".format(*sides, keys)


_BOTH: Final = "o.is_there AND n.is_there"
_COUNTS: Final = f"""
    count(o.is_there) AS rows_old, count(n.is_there) AS rows_new,
    count(*) FILTER (WHERE n.is_there IS NULL) AS rows_missing,
    count(*) FILTER (WHERE o.is_there IS NULL) AS rows_added,
    count(*) FILTER (WHERE {_BOTH} AND o.* IS DISTINCT FROM n.*) AS rows_changed
"""
