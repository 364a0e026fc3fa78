"""Given words, shown to the person, the desk of the region and the programme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from common.caller import Caller, CallerRole
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from common.persistence.visibility import owned
from registry.given_word.tables import words_given as table


async def page(tx: Tx, caller: Caller, paging: PageRequest, *, trainer_id: UUID | None) -> Paged[Any]:
    """Return the words that the caller may see, the newest first."""
    mine = owned(caller, all_for=(CallerRole.PROGRAMME,), trainers=table.c.trainer_id, regions=table.c.region)
    query = select(table)
    if trainer_id:
        query = query.where(table.c.trainer_id == trainer_id)
    return await paging.read(tx, query, table.c.id, newest_first=True, owned=mine)


async def of_trainer(tx: Tx, trainer_id: UUID) -> Sequence[Row[Any]]:
    """Return what a person asked, the newest first."""
    return (await tx.execute(select(table).where(table.c.trainer_id == trainer_id).order_by(table.c.id.desc()))).all()
