"""Assignments: loaded whole, written with a version check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import select

from common.caller import Caller
from common.persistence.owned import follow_region, one_of, page_of_owned
from common.persistence.paging import Paged, PageRequest
from common.persistence.store import Store
from common.persistence.transaction import Tx
from contracts.assignment import tables
from contracts.assignment.model.assignment import Assignment, Status
from contracts.authority import SEE_ALL

assignments: Final = Store(Assignment, tables.assignments)


async def follow(tx: Tx, regions: Mapping[UUID, str | None]) -> None:
    """Move assignments with their vacancies to another region. Hours stay in the region in which they were taught."""
    await follow_region(tx, tables.assignments, tables.assignments.c.vacancy_id, regions)


async def assignment_of(tx: Tx, contract_id: UUID) -> Assignment:
    """Return the work under a contract that started, locked."""
    query = select(tables.assignments.c.id).where(tables.assignments.c.contract_id == contract_id)
    return await assignments.get(tx, (await tx.execute(query)).scalar_one(), lock=True)


async def one(tx: Tx, caller: Caller, assignment_id: UUID) -> Assignment:
    """Return one assignment.

    Raises:
        NotFound: there is none, or it is not this caller's.
    """
    return assignments.load(await one_of(tx, caller, tables.assignments, assignment_id, "assignment", all_for=SEE_ALL))


async def page(
    tx: Tx,
    caller: Caller,
    paging: PageRequest,
    *,
    status: Status | None = None,
    contract_id: UUID | None = None,
    trainer_id: UUID | None = None,
) -> Paged[Assignment]:
    """Return a page of assignments, the oldest first."""
    wanted = {"status": status, "contract_id": contract_id, "trainer_id": trainer_id}
    return await page_of_owned(tx, caller, paging, tables.assignments, wanted, load=assignments.load, all_for=SEE_ALL)
