"""Replicas of what other services published, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from common.persistence.replica import Replica
from common.persistence.transaction import Tx
from contracts.fact import tables
from contracts.fact.model import Contact, Organisation, Person, Vacancy, Vog

vacancies: Final = Replica(Vacancy, tables.vacancies)
people: Final = Replica(Person, tables.people)
organisations: Final = Replica(Organisation, tables.organisations)
contacts: Final = Replica(Contact, tables.contacts)
_vogs: Final = Replica(Vog, tables.vogs)


async def withdraw_vacancy(tx: Tx, vacancy_id: UUID) -> None:
    """Remember that the school took it back."""
    await tx.execute(update(tables.vacancies).where(tables.vacancies.c.id == vacancy_id).values(withdrawn=True))


async def find_vog(tx: Tx, trainer_id: UUID) -> Vog | None:
    """Return the certificate that was shown last."""
    return await _vogs.find(tx, trainer_id)


async def drop_vog(tx: Tx, trainer_id: UUID) -> int:
    """Delete it."""
    return await _vogs.erase(tx, trainer_id)


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
