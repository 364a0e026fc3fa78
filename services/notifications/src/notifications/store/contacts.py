"""Whom to reach: contacts, desks by region, and who takes part in what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from events.parties import REGION, Parties
from events.registry import ContactState
from notifications.store.tables import contacts, desks, parties


async def put_contact(tx: Tx, state: ContactState) -> None:
    """Keep how a party is reached; who was erased stays erased, however late an older state comes in."""
    values = state.model_dump(by_alias=False, include={"party", "name", "contact_name", "email", "language"})
    row = insert(contacts).values(party_id=state.party_id, **values)
    await tx.execute(row.on_conflict_do_update(index_elements=["party_id"], set_=values, where=~contacts.c.erased))


async def erase_contact(tx: Tx, party_id: UUID) -> int:
    """Forget how a party is reached, for ever; return how many rows held something."""
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
    """Return who is reached at an address: a location has its school's where it has none of its own."""
    rows = await tx.execute(select(contacts.c.party_id).where(func.lower(contacts.c.email) == email.lower()))
    return set(rows.scalars())


async def count_erased(tx: Tx) -> int:
    """Count the parties that were erased."""
    return int((await tx.execute(select(func.count()).where(contacts.c.erased))).scalar_one())


async def put_desk(tx: Tx, desk_id: UUID, region: str | None) -> None:
    """Keep which region a desk serves."""
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


async def put_parties(tx: Tx, named: Mapping[UUID, Parties]) -> None:
    """Keep whom events without the envelope's attribute named as parties; the newest that was told holds."""
    if not named:
        return
    row = insert(parties)
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["id"],
            set_={column.name: row.excluded[column.name] for column in parties.c if not column.primary_key},
        ),
        [
            {"id": id_, "vacancy_id": id_, **{name: getattr(named[id_], role) for role, name in _COLUMNS.items()}}
            for id_ in sorted(named)
        ],
    )


async def parties_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Parties]:
    """Return who takes part in these, as far as such events named them."""
    rows = await tx.execute(select(parties).where(parties.c.id.in_(sorted(ids))))
    return {row.id: Parties(**{role: getattr(row, name) for role, name in _COLUMNS.items()}) for row in rows}


_COLUMNS: Final = {role: f"{role}_id" for role in ("board", "school", "location", "company", "trainer")} | {
    REGION: REGION
}
