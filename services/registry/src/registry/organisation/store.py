"""Organisations, by id, by public code and by parent."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import false, func, or_, select

from common.persistence.store import Store
from common.persistence.transaction import Tx
from registry.organisation.model import BOARD, CONFIRMED, LOCATION, PENDING, SCHOOL, Contact, Organisation
from registry.organisation.tables import organisations as table

organisations: Final = Store(Organisation, table)

_CODES: Final = ("board_number", "brin", "location_code", "kvk")
_CONFIRMED: Final = table.c.status == CONFIRMED.value
_SCHOOLS: Final = [kind.value for kind in (BOARD, SCHOOL, LOCATION)]


async def with_the_code_of(tx: Tx, wanted: Organisation) -> Organisation | None:
    """Return another organisation of the same kind that is confirmed and has one of its public codes."""
    same = or_(false(), *(table.c[code] == wanted[code] for code in _CODES if wanted[code]))
    found = await organisations.where(tx, _CONFIRMED, table.c.kind == wanted.kind.value, table.c.id != wanted.id, same)
    return found[0] if found else None


async def confirmed_of(tx: Tx, ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which of these organisations are confirmed."""
    if not ids:
        return frozenset()
    return frozenset((await tx.execute(select(table.c.id).where(table.c.id.in_(ids), _CONFIRMED))).scalars())


async def all_schools(tx: Tx) -> list[Organisation]:
    """Return every board, school and location that is confirmed; nobody else changes one until this transaction ends.

    One that is pending claims no number: a list that names the number makes an organisation of its own.
    """
    query = table.select().where(_CONFIRMED, table.c.kind.in_(_SCHOOLS))
    rows = await tx.execute(query.order_by(table.c.id).with_for_update())
    return [organisations.load(row) for row in rows.mappings()]


async def pending_codes(tx: Tx) -> set[tuple[str, str]]:
    """Return the kinds and public codes that pending boards, schools and locations say they have."""
    columns = {BOARD: table.c.board_number, SCHOOL: table.c.brin, LOCATION: table.c.location_code}
    pending = table.c.status == PENDING.value
    found = set()
    for kind, code in columns.items():
        rows = await tx.execute(select(code).where(pending, table.c.kind == kind.value, code.is_not(None)))
        found |= {(kind.value, str(known)) for known in rows.scalars()}
    return found


async def below(tx: Tx, parent: Organisation) -> list[Organisation]:
    """Return the schools and locations of a board, the locations of a school."""
    if parent.kind not in {BOARD, SCHOOL}:
        return []
    column = table.c.board_id if parent.kind is BOARD else table.c.school_id
    rows = await tx.execute(table.select().where(column == parent.id).order_by(table.c.id).with_for_update())
    return [organisations.load(row) for row in rows.mappings()]


async def in_areas(tx: Tx, areas: Collection[str]) -> list[Organisation]:
    """Return those whose postcode lies in one of these areas of four digits."""
    return await organisations.where(tx, func.left(table.c.postcode, 4).in_(sorted(areas)))


async def contact_of(tx: Tx, organisation: Organisation) -> Contact | None:
    """Return its own contact, else its school's, else its board's."""
    if organisation.contact:
        return organisation.contact
    for parent_id in (organisation.school_id, organisation.board_id):
        parent = await organisations.find(tx, parent_id) if parent_id else None
        if parent and parent.contact:
            return parent.contact
    return None
