"""Tables filled by the server itself, thousands of rows a statement, from their declarations: what changes is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, LargeBinary, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

_BY_TYPE = (
    (DateTime, "now() - i * interval '1 minute'"),
    (Date, "CURRENT_DATE"),
    (Boolean, "i % 2 = 0"),
    (Integer, "1"),
    (Float, "52.1"),
    (LargeBinary, "'\\x00'"),
    (JSONB, "'{}'"),
    (ARRAY, "'{}'"),
)


def id_of(name: str, number: str | int = "i") -> str:
    """SQL for an id, the same for the same name and number, and larger for a larger number, as ours are."""
    return f"(lpad(to_hex({number}), 12, '0') || right(md5('{name}' || ({number})), 20))::uuid"


def filling(table: Table, values: Mapping[str, str] | None = None, *, rows: int | str, owner: str = "i % 2000") -> str:
    """Return the statement that fills a table.

    ``values`` is SQL by column for what matters; the row's number is ``i``. ``rows`` is how many, or SQL for a
    ``FROM`` that has an ``i``; ``owner`` is the number of whom or what an id of another table names.

    Raises:
        LookupError: a column is named that the table does not have.
    """
    given = dict(values or {})
    if unknown := given.keys() - table.columns.keys():
        raise LookupError(f"{table.name} has no {', '.join(sorted(unknown))}")
    columns = {
        column.name: given.get(column.name) or _value(table, column, owner)
        for column in table.columns
        if column.name in given or (column.identity is None and column.name not in _left_out(table))
    }
    into = ", ".join(f'"{name}"' for name in columns)
    source = f"generate_series(1, {rows}) AS i" if isinstance(rows, int) else rows
    name = f'"{table.name}"' if table.schema is None else table.fullname
    return f"INSERT INTO {name} ({into}) SELECT {', '.join(columns.values())} FROM {source}"


def _left_out(table: Table) -> set[str]:
    return {column.name for column in table.columns if column.name in {"lease", "leased_until"}}


def _value(table: Table, column: Column[Any], owner: str) -> str:
    name = column.name
    unique = [index for index in table.indexes if index.unique and list(index.columns.keys()) == [name]]
    if name == "id" or (unique and isinstance(column.type, Uuid)):
        return id_of(table.name if name == "id" else name)
    if unique:
        return f"'{name}' || i"
    if name == "region":
        return "'AM' || (i % 35)"
    if isinstance(column.type, Uuid):
        return id_of(name.removesuffix("_id"), owner if not column.primary_key else "i")
    return next((value for kind, value in _BY_TYPE if isinstance(column.type, kind)), f"'{name}' || i")
