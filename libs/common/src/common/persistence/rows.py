"""The rows of one table as frozen dataclasses; column name = field name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.transaction import Tx

T = TypeVar("T")


class Rows(Generic[T]):
    """Reads and writes one class in one table."""

    def __init__(self, kind: type[T], table: Table) -> None:
        """Check that table and dataclass say the same.

        Raises:
            TypeError: a column without a field, or the other way round.
        """
        self.kind, self.table = kind, table
        self.names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
        if self.names != set(table.columns.keys()):
            raise TypeError(f"{table.name} and {kind.__name__} differ in {self.names ^ set(table.columns.keys())}")
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)
        self._json = {column.name for column in table.columns if isinstance(column.type, JSONB)}
        self._plain = self.names - self._json

    async def find(self, tx: Tx, id_: UUID, *, lock: bool = False, steady: bool = False) -> T | None:
        """Return one, or None. Until this transaction ends nobody else may ``lock`` it, or change a ``steady`` one."""
        query = select(self.table).where(self.table.c.id == id_)
        if lock or steady:
            query = query.with_for_update(read=steady)
        row = (await tx.execute(query)).mappings().one_or_none()
        return None if row is None else self.load(row)

    async def where(self, tx: Tx, *conditions: Any) -> list[T]:
        """Return those that meet the conditions, by id."""
        rows = await tx.execute(select(self.table).where(*conditions).order_by(self.table.c.id))
        return [self.load(row) for row in rows.mappings()]

    def load(self, row: Mapping[str, Any] | Any) -> T:
        """Make one of a row."""
        # JSONB holds days, times and enums as text: strict words of the published language would refuse them here.
        return self._adapter.validate_python(dict(row), strict=False)

    def dump(self, one: T) -> dict[str, Any]:
        """Make a row of one."""
        row: dict[str, Any] = self._adapter.dump_python(one, include=self._plain)
        row.update(self._adapter.dump_python(one, include=self._json, mode="json"))
        return row
