"""Contacts, desks by region, parties of long ago, what decides whether vacancies are over, and what the work is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Table, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from common.persistence.terms import CHUNK
from common.persistence.transaction import Tx
from events.parties import REGION, Parties
from events.registry import ContactState
from notifications.fact.model import Work
from notifications.fact.tables import contacts, desks, vacancies, works

_WORK: Final = TypeAdapter(Work)
Learned = Table
"""Where a consumer stores the parties that events of long ago named."""


async def take_turn(tx: Tx) -> None:
    """Wait until no other transaction writes letters; to be called before.

    Of a vacancy's end and a letter about it that two workers handle at once, the later one then sees the other.
    """
    await tx.execute(_ONE_AT_A_TIME)


async def put_contact(tx: Tx, state: ContactState) -> None:
    """Copy how a party is reached; a party that was erased stays erased, however late an older state comes in."""
    values = state.model_dump(by_alias=False, include={"party", "name", "contact_name", "email", "language"})
    row = insert(contacts).values(party_id=state.party_id, **values)
    await tx.execute(row.on_conflict_do_update(index_elements=["party_id"], set_=values, where=~contacts.c.erased))


async def erase_contact(tx: Tx, party_id: UUID) -> int:
    """Erase how a party is reached, for ever; return how many rows held something."""
    nothing = {"name": None, "contact_name": None, "email": None, "erased": True}
    row = insert(contacts).values(party_id=party_id, language="nl", **nothing)
    erased = row.on_conflict_do_update(index_elements=["party_id"], set_=nothing, where=~contacts.c.erased)
    return int((await tx.execute(erased)).rowcount)


async def contacts_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Any]:
    """Return the contacts that are known among these."""
    if not ids:
        return {}
    rows = await tx.execute(select(contacts).where(contacts.c.party_id.in_(sorted(ids))))
    return {row.party_id: row for row in rows}


async def at_address(tx: Tx, email: str) -> set[UUID]:
    """Return the parties at an address: a location has its school's where it has none of its own."""
    rows = await tx.execute(select(contacts.c.party_id).where(func.lower(contacts.c.email) == email.lower()))
    return set(rows.scalars())


async def count_erased(tx: Tx) -> int:
    """Count the parties that were erased."""
    return int((await tx.execute(select(func.count()).where(contacts.c.erased))).scalar_one())


async def put_desk(tx: Tx, desk_id: UUID, region: str | None) -> None:
    """Copy which region a desk serves."""
    row = insert(desks).values(desk_id=desk_id, region=region)
    await tx.execute(row.on_conflict_do_update(index_elements=["desk_id"], set_={"region": region}))


async def desks_of(tx: Tx, regions: Collection[str]) -> dict[str, list[UUID]]:
    """Return the desks by region."""
    found: dict[str, list[UUID]] = {}
    if regions:
        query = select(desks).where(desks.c.region.in_(sorted(regions))).order_by(desks.c.desk_id)
        for row in await tx.execute(query):
            found.setdefault(row.region, []).append(row.desk_id)
    return found


async def put_parties(tx: Tx, learned: Learned, named: Mapping[UUID, Parties]) -> None:
    """Store the parties that events without the envelope's attribute named; the newest event wins."""
    if not named:
        return
    row = insert(learned)
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["id"],
            set_={column.name: row.excluded[column.name] for column in learned.c if not column.primary_key},
        ),
        [
            {"id": id_, "vacancy_id": id_, **{name: getattr(named[id_], role) for role, name in _COLUMNS.items()}}
            for id_ in sorted(named)
        ],
    )


async def parties_of(tx: Tx, learned: Learned, ids: Collection[UUID]) -> dict[UUID, Parties]:
    """Return the parties of these, as far as such events named them."""
    rows = await tx.execute(select(learned).where(learned.c.id.in_(sorted(ids))))
    return {row.id: Parties(**{role: getattr(row, name) for role, name in _COLUMNS.items()}) for row in rows}


async def follow_vacancies(tx: Tx, published: Mapping[UUID, Sequence[str]]) -> dict[UUID, list[str]]:
    """Append what was published of these vacancies; return all the decisive events of each, in order."""
    if not published:
        return {}
    row = insert(vacancies)
    appended = row.on_conflict_do_update(
        index_elements=["id"],
        set_={"events": vacancies.c.events + row.excluded.events, "changed_at": row.excluded.changed_at},
    ).returning(vacancies.c.id, vacancies.c.events)
    rows = [{"id": id_, "events": list(published[id_]), "changed_at": tx.now} for id_ in sorted(published)]
    return {each.id: each.events for each in await tx.execute(appended, rows)}


async def purge_vacancies(tx: Tx, before: datetime) -> int:
    """Delete vacancies of which nothing was published since a moment; return how many."""
    old = select(vacancies.c.id).where(vacancies.c.changed_at < before).order_by(vacancies.c.changed_at).limit(CHUNK)
    return int((await tx.execute(delete(vacancies).where(vacancies.c.id.in_(old)))).rowcount)


_COLUMNS: Final = {role: f"{role}_id" for role in ("board", "school", "location", "company", "trainer")} | {
    REGION: REGION
}
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('notifications letters'))")


async def works_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Work]:
    """Return the work of these vacancies and contracts, as far as it is known."""
    if not ids:
        return {}
    rows = await tx.execute(select(works.c.id, works.c.facts).where(works.c.id.in_(sorted(ids))))
    return {row.id: _WORK.validate_python(row.facts) for row in rows}


async def put_works(tx: Tx, found: Mapping[UUID, tuple[UUID | None, Work]]) -> None:
    """Store what the work of vacancies and contracts is, of a contract with its trainer."""
    if not found:
        return
    row = insert(works)
    changed = {name: row.excluded[name] for name in ("trainer_id", "facts", "known_until")}
    values = [
        {"id": id_, "trainer_id": trainer, "facts": shown(work), "known_until": work.known_until}
        for id_, (trainer, work) in sorted(found.items())
    ]
    await tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=changed), values)


async def drop_works(tx: Tx, ids: Collection[UUID]) -> None:
    """Delete the work of contracts of which it is not known any more."""
    if ids:
        await tx.execute(delete(works).where(works.c.id.in_(sorted(ids))))


async def erase_works(tx: Tx, trainer_id: UUID) -> int:
    """Delete the work of a trainer's contracts; return how many rows that were."""
    return int((await tx.execute(delete(works).where(works.c.trainer_id == trainer_id))).rowcount)


async def purge_works(tx: Tx, before: date) -> int:
    """Delete work that was over before a day; return how many rows that were."""
    old = select(works.c.id).where(works.c.known_until < before).order_by(works.c.known_until).limit(CHUNK)
    return int((await tx.execute(delete(works).where(works.c.id.in_(old)))).rowcount)


def shown(work: Work) -> dict[str, Any]:
    """Return work as it is stored, here and with a letter: codes, numbers and days."""
    found: dict[str, Any] = _WORK.dump_python(work, mode="json")
    return found
