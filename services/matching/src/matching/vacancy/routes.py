"""The waiting list over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from common.persistence.paging import Paged
from common.web import Caller, InTx, Page, Paging, Router, scope
from matching.vacancy import queries
from matching.vacancy.views import WaitingView, waiting_view

router = Router(tags=["Vacancies"])


@router.get("/waiting-vacancies", response_model=Page[WaitingView], dependencies=[scope("vacancies:read")])
async def waiting(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    region: Annotated[str | None, Query(description="A labour-market region, such as `AM01`.", max_length=20)] = None,
    subject: Annotated[str | None, Query(description="A trade or subject.", max_length=100)] = None,
) -> Paged[WaitingView]:
    """Show the vacancies for which nobody fits, who waits longest first."""
    page = await queries.waiting(tx, caller, paging, region=region, subject=subject)
    return Paged([waiting_view(vacancy) for vacancy in page.items], page.next_cursor)
