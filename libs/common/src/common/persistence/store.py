"""Aggregates in tables: loaded whole, written with a version check, their events published in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Table, bindparam, insert

from common.errors import NotFound, StaleVersion
from common.persistence.rows import Rows
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
        """The parties: letters, rows and feeds of its events are theirs. None: each event names its own."""
        ...


A = TypeVar("A", bound=Aggregate)
Change = tuple[A, list[Event]]
"""What a transition returns: the new state and its events; no events, no change."""


class Store(Rows[A], Generic[A]):
    """The aggregates of one class in one table."""

    def __init__(self, kind: type[A], table: Table) -> None:
        """Check that table and dataclass say the same.

        Raises:
            TypeError: a column without a field, or the other way round.
        """
        super().__init__(kind, table)
        self._update = (
            table.update()
            .where(table.c.id == bindparam("the_id"), table.c.version == bindparam("the_version"))
            .values({name: bindparam(name) for name in self.names - {"id"}})
        )

    async def get(self, tx: Tx, id_: UUID, *, lock: bool = False) -> A:
        """Return the aggregate.

        Raises:
            NotFound: there is none with this id.
        """
        found = await self.find(tx, id_, lock=lock)
        if found is None:
            raise NotFound(what=self.kind.__name__.lower(), id=id_)
        return found

    async def add(self, tx: Tx, aggregate: A, events: Sequence[Event], **attributes: Any) -> A:
        """Write a new aggregate and publish its events."""
        numbered = _at_version(aggregate, len(events))
        await tx.execute(insert(self.table), self.dump(numbered))
        self._publish(tx, numbered, events, **attributes)
        return numbered

    async def add_many(self, tx: Tx, new: Sequence[Change[A]], **attributes: Any) -> list[A]:
        """Write many new aggregates in one statement and publish their events, in order."""
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
            about = {"case": aggregate.case, "parties": aggregate.parties, **attributes}
            tx.publish(event, sequence=sequence, **about)


def _at_version(aggregate: A, version: int) -> A:
    return replace(aggregate, version=version)  # type: ignore[type-var]
