"""Moves: shown to the organisation's side, to both parents, and to those who keep the list."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from common.caller import Caller
from common.errors import NotFound
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from registry.organisation import queries as organisation_queries
from registry.organisation.model import Organisation
from registry.organisation_change.model import Move, MoveStatus
from registry.organisation_change.store import moves
from registry.organisation_change.tables import organisation_moves as table

_SIDES: Final = (table.c.organisation_id, table.c.present_id, table.c.wanted_id)


async def page(
    tx: Tx, caller: Caller, paging: PageRequest, *, organisation_id: UUID | None, status: MoveStatus | None
) -> Paged[Move]:
    """Return the moves that the caller has to do with, the newest first."""
    query = select(table).where(_mine(caller))
    if organisation_id:
        query = query.where(or_(*(side == organisation_id for side in _SIDES)))
    if status:
        query = query.where(table.c.status == status.value)
    return await paging.read_each(tx, query, table.c.id, load=moves.load, newest_first=True)


async def one(tx: Tx, caller: Caller, move_id: UUID, *, lock: bool = False) -> Move:
    """Return a move that the caller has to do with.

    Raises:
        NotFound: there is none.
    """
    query = select(table).where(table.c.id == move_id, _mine(caller))
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    if row is None:
        raise NotFound(what="move", id=move_id)
    return moves.load(row)


def is_party(caller: Caller, organisation: Organisation) -> bool:
    """Whether the caller is, or acts for, an organisation or what is above it: no desk and no programme."""
    return caller.sees(boards=organisation.board_id, schools=organisation.school_id, locations=organisation.id)


def _mine(caller: Caller) -> ColumnElement[bool]:
    return or_(*(organisation_queries.is_mine(caller, side) for side in _SIDES))
