"""Copies of what others published: the newest of each, put in place in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import Any, Final, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Table, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from common.persistence.transaction import Tx
from contracts.fact import tables
from contracts.fact.model import Contact, Organisation, Person, Vacancy, Vog


class Known(Protocol):
    """A fact that has an id."""

    @property
    def id(self) -> UUID:
        """Whose fact it is."""
        ...


K = TypeVar("K", bound=Known)


class Copies(Generic[K]):
    """The copies of one kind of fact in one table; column name = field name."""

    def __init__(self, kind: type[K], table: Table) -> None:
        """Check that table and dataclass say the same.

        Raises:
            TypeError: a column without a field, or the other way round.
        """
        names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
        if names != set(table.columns.keys()):
            raise TypeError(f"{table.name} and {kind.__name__} differ in {names ^ set(table.columns.keys())}")
        self.table = table
        self._adapter: TypeAdapter[K] = TypeAdapter(kind)
        json = {column.name for column in table.columns if isinstance(column.type, JSONB)}
        self._json, self._plain = json, names - json
        new = insert(table)
        self._put = new.on_conflict_do_update(
            index_elements=["id"], set_={name: new.excluded[name] for name in names - {"id"}}
        )

    async def put(self, tx: Tx, facts: Iterable[K]) -> None:
        """Keep these; of one that is told twice the last counts."""
        newest = {fact.id: fact for fact in facts}
        if newest:
            # In the order of their ids: two that put the same facts at once then wait instead of deadlocking.
            await tx.execute(self._put, [self._dump(newest[id_]) for id_ in sorted(newest)])

    async def find(self, tx: Tx, id_: UUID, *, steady: bool = False) -> K | None:
        """Return the copy, or None. ``steady`` keeps it as it is until this transaction ends."""
        query = select(self.table).where(self.table.c.id == id_)
        row = (await tx.execute(query.with_for_update(read=True) if steady else query)).mappings().one_or_none()
        return None if row is None else self._adapter.validate_python(dict(row), strict=False)

    async def find_all(self, tx: Tx, ids: Iterable[UUID]) -> dict[UUID, K]:
        """Return those that are known, by id."""
        rows = await tx.execute(select(self.table).where(self.table.c.id.in_(list(ids))))
        found = [self._adapter.validate_python(dict(row), strict=False) for row in rows.mappings()]
        return {fact.id: fact for fact in found}

    async def drop(self, tx: Tx, id_: UUID) -> int:
        """Delete one; return how many rows that were."""
        return (await tx.execute(delete(self.table).where(self.table.c.id == id_))).rowcount

    def _dump(self, fact: K) -> dict[str, Any]:
        row: dict[str, Any] = self._adapter.dump_python(fact, include=self._plain)
        row.update(self._adapter.dump_python(fact, include=self._json, mode="json"))
        return row


vacancies: Final = Copies(Vacancy, tables.vacancies)
people: Final = Copies(Person, tables.people)
organisations: Final = Copies(Organisation, tables.organisations)
contacts: Final = Copies(Contact, tables.contacts)
_vogs: Final = Copies(Vog, tables.vogs)


async def withdraw_vacancy(tx: Tx, vacancy_id: UUID) -> None:
    """Remember that the school took it back."""
    await tx.execute(update(tables.vacancies).where(tables.vacancies.c.id == vacancy_id).values(withdrawn=True))


async def find_vog(tx: Tx, trainer_id: UUID) -> Vog | None:
    """Return the certificate that was shown last."""
    return await _vogs.find(tx, trainer_id)


async def drop_vog(tx: Tx, trainer_id: UUID) -> int:
    """Delete it."""
    return await _vogs.drop(tx, trainer_id)


async def put_vogs(tx: Tx, shown: Iterable[Vog]) -> set[UUID]:
    """Keep the certificates that were shown last; return whose are new. A profile that is read again is older."""
    table = tables.vogs
    newest: dict[UUID, Vog] = {}
    for vog in shown:
        known = newest.get(vog.id)
        if known is None or (vog.shown_on, vog.issued_on) > (known.shown_on, known.issued_on):
            newest[vog.id] = vog
    if not newest:
        return set()
    new = insert(table)
    newer = tuple_(new.excluded.shown_on, new.excluded.issued_on) > tuple_(table.c.shown_on, table.c.issued_on)
    keep = new.on_conflict_do_update(
        index_elements=["id"],
        set_={"issued_on": new.excluded.issued_on, "shown_on": new.excluded.shown_on},
        where=newer,
    ).returning(table.c.id)
    rows = [{"id": vog.id, "issued_on": vog.issued_on, "shown_on": vog.shown_on} for vog in newest.values()]
    return set((await tx.execute(keep, sorted(rows, key=lambda row: str(row["id"])))).scalars())


async def depart(tx: Tx, trainer_id: UUID, on: date) -> None:
    """Remember that a trainer left: nothing is drafted for them any more."""
    await tx.execute(insert(tables.departures).values(trainer_id=trainer_id, left_on=on).on_conflict_do_nothing())


async def has_left(tx: Tx, trainer_id: UUID) -> bool:
    """Whether that trainer left."""
    query = select(tables.departures.c.trainer_id).where(tables.departures.c.trainer_id == trainer_id)
    return (await tx.execute(query)).one_or_none() is not None


async def lapse_proposal(tx: Tx, proposal_id: UUID, on: date) -> None:
    """Remember that a proposal lapsed: nothing is drafted from it any more."""
    await tx.execute(
        insert(tables.lapsed_proposals).values(proposal_id=proposal_id, lapsed_on=on).on_conflict_do_nothing()
    )


async def has_lapsed(tx: Tx, proposal_id: UUID) -> bool:
    """Whether that proposal lapsed."""
    table = tables.lapsed_proposals
    query = select(table.c.proposal_id).where(table.c.proposal_id == proposal_id)
    return (await tx.execute(query)).one_or_none() is not None
