"""Look up vacancies: one's own, one that searches, and the waiting list."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Text, Uuid, literal_column, select

from common.caller import Caller, CallerRole
from common.errors import NotFound
from common.persistence.listing import Owned
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from common.persistence.visibility import owned
from matching.vacancy.model.vacancy import Status, Vacancy
from matching.vacancy.store import vacancies
from matching.vacancy.tables import VACANCY_BOARD, VACANCY_LOCATION, VACANCY_REGION, VACANCY_SCHOOL, WAITING_DAY

_VACANCIES: Final = vacancies.table.c
_SINCE: Final = literal_column(WAITING_DAY, Date).label("since")
"""The day: a cursor with the moment would show that one trainer's leaving made several vacancies wait."""


async def own_vacancy(tx: Tx, caller: Caller, vacancy_id: UUID, *, all_for: Collection[CallerRole] = ()) -> Vacancy:
    """Return a vacancy to its school or its region's desk, and to the roles that see all of them.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    found = await vacancies.where(tx, _VACANCIES.id == vacancy_id, _owned(caller, all_for).condition())
    if not found:
        raise NotFound(what="vacancy", id=vacancy_id)
    return found[0]


async def searching(tx: Tx, vacancy_id: UUID) -> Vacancy:
    """Return a vacancy whose search goes on, to any trainer.

    Raises:
        NotFound: there is none, or its search has ended.
    """
    found = await vacancies.find(tx, vacancy_id)
    if found is None or not found.searching:
        raise NotFound(what="vacancy", id=vacancy_id)
    return found


async def waiting(
    tx: Tx, caller: Caller, paging: PageRequest, *, region: str | None, subject: str | None
) -> Paged[Vacancy]:
    """Return a page of the waiting list as far as it is the caller's, the longest wait first."""
    # The status is written out as well: the index holds the vacancies that wait.
    query = select(vacancies.table, _SINCE).where(_VACANCIES.status == literal_column(f"'{Status.WAITING}'"))
    if region:
        query = query.where(literal_column(VACANCY_REGION, Text) == region)
    if subject:
        query = query.where(_VACANCIES.facts["subject"].astext == subject)
    mine = _owned(caller, {CallerRole.PROGRAMME})
    return await paging.read_each(tx, query, _SINCE, _VACANCIES.id, load=vacancies.load, owned=mine)


def _owned(caller: Caller, all_for: Collection[CallerRole]) -> Owned:
    """Return the vacancies of the caller's school or region; their owners are in the facts, not in columns."""
    columns: dict[str, Any] = {
        "boards": literal_column(VACANCY_BOARD, Uuid),
        "schools": literal_column(VACANCY_SCHOOL, Uuid),
        "locations": literal_column(VACANCY_LOCATION, Uuid),
        "regions": literal_column(VACANCY_REGION, Text),
    }
    return owned(caller, all_for=all_for, **columns)
