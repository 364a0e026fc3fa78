"""Look up plans: those of the desk's region, or all as the programme; and who is planned in them."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from common.caller import Caller, CallerRole
from common.persistence.owned import one_of, owners_of
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from common.persistence.visibility import owned
from matching.plan.model.run import PlanRun, Status
from matching.plan.store import plans
from matching.plan.tables import plan_assignments, plan_openings
from matching.plan.tables import plans as table

SEE_ALL: Final = {CallerRole.PROGRAMME}


async def own_plan(tx: Tx, caller: Caller, plan_id: UUID) -> PlanRun:
    """Return one plan.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    return plans.store.load(await one_of(tx, caller, table, plan_id, "plan", all_for=SEE_ALL))


async def own_plans(tx: Tx, caller: Caller, paging: PageRequest, *, status: Status | None) -> Paged[PlanRun]:
    """Return a page of plans, the newest first."""
    query = table.select() if status is None else table.select().where(table.c.status == status)
    mine = owned(caller, all_for=SEE_ALL, **owners_of(table))
    return await paging.read_each(tx, query, table.c.id, load=plans.store.load, newest_first=True, owned=mine)


async def page_of_assignments(tx: Tx, paging: PageRequest, plan_id: UUID, vacancy_id: UUID | None) -> Paged[Row[Any]]:
    """Return a page of a plan's assignments, by vacancy, those chosen before those in reserve."""
    columns = plan_assignments.c
    query = plans.assignments(plan_id, vacancy_id)
    return await paging.read(tx, query, columns.vacancy_id, columns.place, columns.lot)


async def page_of_openings(tx: Tx, paging: PageRequest, plan_id: UUID) -> Paged[Row[Any]]:
    """Return a page of a plan's vacancies, those first where one place more would bring most."""
    columns = plan_openings.c
    query = plan_openings.select().where(columns.plan_id == plan_id)
    return await paging.read(tx, query, columns.price, columns.vacancy_id, newest_first=True)
