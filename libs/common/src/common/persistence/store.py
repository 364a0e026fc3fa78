"""Aggregates in tables: loaded whole, written with a version check, their events told in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.dialects.postgresql import JSONB

from common.errors import NotFound, StaleVersion
from common.persistence.transaction import Tx
from events import Event
from events.parties import Parties


class Aggregate(Protocol):
    """A frozen dataclass with a life cycle; a transition returns ``(new state, [events])``."""

    @property
    def id(self) -> UUID:
        """Identify it; the key of its events."""
        ...

    @property
    def version(self) -> int:
        """Count its events; a write with an outdated one is refused."""
        ...

    @property
    def case(self) -> UUID:
        """The case that its events belong to: the trainer's id until matched, then the vacancy's."""
        ...

    @property
    def parties(self) -> Parties | None:
        """Who takes part in it: letters, rows and feeds of its events are theirs. None: each event names its own."""
        ...


A = TypeVar("A", bound=Aggregate)
Change = tuple[A, list[Event]]
"""What a transition returns: the new state and what to tell; no events, no change."""


class Store(Generic[A]):
    """The aggregates of one class in one table; column name = field name."""

    def __init__(self, kind: type[A], table: Table) -> None:
        """Check that table and dataclass say the same.

        Raises:
            TypeError: a column without a field, or the other way round.
        """
        names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
        if names != set(table.columns.keys()):
            raise TypeError(f"{table.name} and {kind.__name__} differ in {names ^ set(table.columns.keys())}")
        self.kind, self.table = kind, table
        self._adapter: TypeAdapter[A] = TypeAdapter(kind)
        self._json = {column.name for column in table.columns if isinstance(column.type, JSONB)}
        self._plain = names - self._json
        self._update = (
            table.update()
            .where(table.c.id == bindparam("the_id"), table.c.version == bindparam("the_version"))
            .values({name: bindparam(name) for name in names - {"id"}})
        )

    async def find(self, tx: Tx, id_: UUID, *, lock: bool = False) -> A | None:
        """Return the aggregate, or None. ``lock`` makes others wait until this transaction ends."""
        query = select(self.table).where(self.table.c.id == id_)
        row = (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
        return None if row is None else self.load(row)

    async def get(self, tx: Tx, id_: UUID, *, lock: bool = False) -> A:
        """Return the aggregate.

        Raises:
            NotFound: there is none with this id.
        """
        found = await self.find(tx, id_, lock=lock)
        if found is None:
            raise NotFound(what=self.kind.__name__.lower(), id=id_)
        return found

    async def where(self, tx: Tx, *conditions: Any) -> list[A]:
        """Return those that meet the conditions, by id."""
        rows = await tx.execute(select(self.table).where(*conditions).order_by(self.table.c.id))
        return [self.load(row) for row in rows.mappings()]

    def load(self, row: Mapping[str, Any] | Any) -> A:
        """Make the aggregate of a row."""
        # JSONB holds days, times and enums as text: strict words of the published language would refuse them here.
        return self._adapter.validate_python(dict(row), strict=False)

    def dump(self, aggregate: A) -> dict[str, Any]:
        """Make a row of the aggregate."""
        row: dict[str, Any] = self._adapter.dump_python(aggregate, include=self._plain)
        row.update(self._adapter.dump_python(aggregate, include=self._json, mode="json"))
        return row

    async def add(self, tx: Tx, aggregate: A, events: Sequence[Event], **attributes: Any) -> A:
        """Write a new aggregate and tell its events."""
        numbered = _at_version(aggregate, len(events))
        await tx.execute(insert(self.table), self.dump(numbered))
        self._publish(tx, numbered, events, **attributes)
        return numbered

    async def add_many(self, tx: Tx, new: Sequence[Change[A]], **attributes: Any) -> list[A]:
        """Write many new aggregates in one statement and tell their events, in order."""
        numbered = [_at_version(aggregate, len(events)) for aggregate, events in new]
        if numbered:
            await tx.execute(insert(self.table), [self.dump(aggregate) for aggregate in numbered])
        for aggregate, (_, events) in zip(numbered, new, strict=True):
            self._publish(tx, aggregate, events, **attributes)
        return numbered

    async def apply(self, tx: Tx, aggregate: A, events: Sequence[Event], **attributes: Any) -> A:
        """Write a transition's outcome: state, version check and outbox in one transaction.

        Without events nothing has changed and nothing is written.

        Raises:
            StaleVersion: somebody else wrote it since it was read.
        """
        if not events:
            return aggregate
        numbered = _at_version(aggregate, aggregate.version + len(events))
        row = self.dump(numbered)
        which = {"the_id": row.pop("id"), "the_version": aggregate.version}
        result = await tx.execute(self._update, row | which)
        if result.rowcount != 1:
            raise StaleVersion(f"{self.kind.__name__} {aggregate.id} is no longer at version {aggregate.version}")
        self._publish(tx, numbered, events, **attributes)
        return numbered

    def _publish(self, tx: Tx, aggregate: A, events: Sequence[Event], **attributes: Any) -> None:
        first = aggregate.version - len(events) + 1
        for sequence, event in enumerate(events, first):
            tx.publish(event, sequence=sequence, case=aggregate.case, parties=aggregate.parties, **attributes)


def _at_version(aggregate: A, version: int) -> A:
    return replace(aggregate, version=version)  # type: ignore[type-var]
