"""Look up scenarios: those of the desk's region, or all as the programme."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.caller import Caller, CallerRole
from common.persistence.owned import one_of, owners_of
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from common.persistence.visibility import owned
from matching.scenario import store
from matching.scenario.model.scenario import Scenario, Status
from matching.scenario.tables import scenarios as table

SEE_ALL: Final = {CallerRole.PROGRAMME}


async def own_scenario(tx: Tx, caller: Caller, scenario_id: UUID) -> Scenario:
    """Return one scenario.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    return store.store.load(await one_of(tx, caller, table, scenario_id, "scenario", all_for=SEE_ALL))


async def own_scenarios(tx: Tx, caller: Caller, paging: PageRequest, *, status: Status | None) -> Paged[Scenario]:
    """Return a page of scenarios, the newest first."""
    query = table.select() if status is None else table.select().where(table.c.status == status)
    mine = owned(caller, all_for=SEE_ALL, **owners_of(table))
    return await paging.read_each(tx, query, table.c.id, load=store.store.load, newest_first=True, owned=mine)
