"""A trainer's openings over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from common.caller import CallerRole
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import Caller, InTx, Page, Paging, Router, roles, scope
from matching.opening import queries, usecases
from matching.opening.views import OpeningView, opening_view
from matching.ranking.views import ACTIVITY

router = Router(tags=["Vacancies"])
MOST: Final = 10
"""Each opening of a page is explained, and what would help is tried: some tens of milliseconds."""


@router.get(
    "/openings",
    response_model=Page[OpeningView],
    dependencies=[scope("proposals:read"), roles(CallerRole.TRAINER)],
)
async def openings(caller: Caller, tx: InTx, paging: Paging) -> Paged[OpeningView]:
    """Show the calling trainer the openings that they fit or nearly fit: what keeps them apart, and the odds.

    What fits comes first, then what the fewest rules keep apart; each by points. A page has ten at most. The odds are
    an estimate: of the others they say a rounded number, and never who they are.
    """
    looked = None if caller.trainer is None else await usecases.look(tx, caller.trainer)
    if looked is None:
        return Paged([])
    query, by = queries.openings(looked.near)
    page = await replace(paging, limit=min(paging.limit, MOST)).read(tx, query, *by)
    near = {each.opening.vacancy_id: each.opening for each in looked.near}
    turns = await queries.turns_of(tx, looked.profile.trainer_id)
    found = list[OpeningView]()
    for row in page.items:
        vacancy = looked.vacancies[row.vacancy_id]
        found.append(opening_view(await usecases.see(tx, looked.profile, vacancy, near[row.vacancy_id], turns)))
        await asyncio.sleep(0)
    await record_processing(tx, caller, ACTIVITY, looked.profile.trainer_id)
    return Paged(found, page.next_cursor)
