"""A replica of another service's facts: one row per fact, put in place in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Table, delete
from sqlalchemy.dialects.postgresql import insert

from common.persistence.rows import Rows
from common.persistence.transaction import Tx


class Fact(Protocol):
    """A frozen dataclass that says something of one thing."""

    @property
    def id(self) -> UUID:
        """The subject of the fact; it is the key of its events, so that they come in order."""
        ...


F = TypeVar("F", bound=Fact)


class Replica(Rows[F], Generic[F]):
    """The facts of one kind in one table."""

    def __init__(self, kind: type[F], table: Table) -> None:
        """Check that table and dataclass say the same.

        Raises:
            TypeError: a column without a field, or the other way round.
        """
        super().__init__(kind, table)
        new = insert(table)
        self._put = new.on_conflict_do_update(
            index_elements=["id"], set_={name: new.excluded[name] for name in self.names - {"id"}}
        )

    async def put(self, tx: Tx, facts: Iterable[F]) -> None:
        """Store these; of one that comes twice the last counts."""
        newest = {fact.id: fact for fact in facts}
        if newest:
            # In the order of their ids: two that put the same facts at once then wait instead of deadlocking.
            await tx.execute(self._put, [self.dump(newest[id_]) for id_ in sorted(newest)])

    async def find_all(self, tx: Tx, ids: Iterable[UUID]) -> dict[UUID, F]:
        """Return those that are known, by id."""
        return {fact.id: fact for fact in await self.where(tx, self.table.c.id.in_(list(ids)))}

    async def erase(self, tx: Tx, id_: UUID) -> int:
        """Delete one; return how many rows that were."""
        return (await tx.execute(delete(self.table).where(self.table.c.id == id_))).rowcount
