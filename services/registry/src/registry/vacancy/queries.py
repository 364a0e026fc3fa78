"""Vacancies: the school's own, its region's desk's, and all of them for the programme."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from common.caller import Caller, CallerRole
from common.errors import NotFound
from common.persistence.owned import page_of_owned
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from common.persistence.visibility import visible
from registry.engagement import store as engagement_store
from registry.vacancy.model.vacancy import Status, Vacancy
from registry.vacancy.store import vacancies
from registry.vacancy.tables import vacancies as table

SEES_ALL: Final = (CallerRole.PROGRAMME,)


async def page(
    tx: Tx, caller: Caller, paging: PageRequest, *, status: Status | None, school_id: UUID | None
) -> Paged[Vacancy]:
    """Return the caller's vacancies, by id."""
    wanted = {"status": status, "school_id": school_id}
    return await page_of_owned(tx, caller, paging, table, wanted, load=vacancies.load, all_for=SEES_ALL)


async def teaches_at_mine(tx: Tx, caller: Caller, trainer_id: UUID) -> bool:
    """Whether a contract of a trainer runs at a vacancy of the caller's school."""
    mine = visible(caller, boards=table.c.board_id, schools=table.c.school_id, locations=table.c.location_id)
    query = select(table.c.id).where(table.c.id.in_(engagement_store.running_at(trainer_id)), mine).limit(1)
    return (await tx.execute(query)).first() is not None


async def one(tx: Tx, caller: Caller, vacancy_id: UUID) -> Vacancy:
    """Return a vacancy.

    Raises:
        NotFound: there is none that this caller may see.
    """
    found = await own(tx, caller, vacancy_id)
    if found is None:
        raise NotFound(what="vacancy", id=vacancy_id)
    return found


async def own(tx: Tx, caller: Caller, vacancy_id: UUID) -> Vacancy | None:
    """Return the caller's vacancy, None where there is none of this id.

    Raises:
        NotFound: it is somebody else's.
    """
    found = await vacancies.find(tx, vacancy_id)
    if found and not caller.sees(
        all_for=SEES_ALL,
        boards=found.board_id,
        schools=found.school_id,
        locations=found.location_id,
        regions=found.region,
    ):
        raise NotFound(what="vacancy", id=vacancy_id)
    return found
