"""Organisations: schools are open data, whom to address there is not; companies and desks are their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from common.caller import Caller
from common.errors import NotFound
from common.persistence.listing import Arm, Owned
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from common.persistence.visibility import owned, visible
from events.words import OrganisationKind
from registry.organisation.model import BOARD, CONFIRMED, KEEPS_THE_LIST, LOCATION, SCHOOL, Organisation, Status, sees
from registry.organisation.store import organisations
from registry.organisation.tables import organisations as table

OPEN_DATA: Final = frozenset({BOARD, SCHOOL, LOCATION})
"""Once they are confirmed."""


async def page(
    tx: Tx,
    caller: Caller,
    paging: PageRequest,
    *,
    kind: OrganisationKind | None,
    status: Status | None = None,
    **codes: Any,
) -> Paged[Organisation]:
    """Return those that the caller may see, by id; ``codes`` are columns and their values."""
    mine = owned(
        caller,
        all_for=KEEPS_THE_LIST,
        boards=table.c.board_id,
        schools=table.c.school_id,
        locations=table.c.id,
        companies=table.c.id,
        regions=table.c.region,
    )
    if kind is None or kind in OPEN_DATA:
        kinds = OPEN_DATA if kind is None else {kind}
        mine |= Owned((Arm(table.c.kind, tuple(sorted(kinds)), table.c.status == CONFIRMED.value),))
    query = select(table)
    wanted = {"kind": kind.value if kind else None, "status": status.value if status else None, **codes}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(table.c[column] == value)
    return await paging.read_each(
        tx, query, table.c.id, load=lambda row: redact_for(caller, organisations.load(row)), owned=mine
    )


async def one(tx: Tx, caller: Caller, id_: UUID) -> Organisation:
    """Return an organisation, its contact only to who may know it.

    Raises:
        NotFound: there is none that this caller may see.
    """
    found = await organisations.get(tx, id_)
    if not (found.kind in OPEN_DATA and found.confirmed) and not sees(caller, found):
        raise NotFound(what="organisation", id=id_)
    return redact_for(caller, found)


async def own(tx: Tx, caller: Caller, id_: UUID) -> Organisation | None:
    """Return an organisation that the caller acts for; None where there is none of this id.

    Raises:
        NotFound: it is somebody else's.
    """
    found = await organisations.find(tx, id_, lock=True)
    if found is not None and not sees(caller, found):
        raise NotFound(what="organisation", id=id_)
    return found


def is_mine(caller: Caller, id_: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return the condition that the organisation of an id is the caller's to act for, as ``sees`` has it."""
    one = table.alias()
    mine = visible(
        caller,
        all_for=KEEPS_THE_LIST,
        boards=one.c.board_id,
        schools=one.c.school_id,
        locations=one.c.id,
        regions=one.c.region,
    )
    return exists().where(one.c.id == id_, mine)


def redact_for(caller: Caller, organisation: Organisation) -> Organisation:
    """Leave out whom to address where the caller does not act for it."""
    return organisation if sees(caller, organisation) else replace(organisation, contact=None)
