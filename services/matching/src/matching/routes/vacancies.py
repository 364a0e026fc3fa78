"""Vacancies over HTTP, as matching sees them: who fits and why, a shortlist of one's own, and the waiting list."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Request, Response

from common.auth import FOR_SCHOOLS, Role
from common.http import Caller, Command, InTx, Page, Paging, Router, Slice, record_processing, roles, scope
from events.matching import Proposer
from matching import queries
from matching.model.published import opening_of
from matching.routes.shown import ACTIVITY, candidate_view, proposal_view, waiting_view
from matching.routes.views import CandidateView, ProposalView, WaitingView
from matching.usecases import proposals, search

router = Router(tags=["Vacancies"])
_TURN: Final = 40
"""Explanations, of half a millisecond each, after which other requests get a turn."""


class Propose(Command):
    """Propose somebody of the ranking."""

    trainer_id: UUID


@router.get(
    "/vacancies/{vacancy_id}/ranking", response_model=Page[CandidateView], dependencies=[scope("rankings:read")]
)
async def ranking(vacancy_id: UUID, caller: Caller, tx: InTx, paging: Paging) -> Slice[CandidateView]:
    """Rank every known trainer for a vacancy as of now: best first; then who does not fit, with what would help."""
    vacancy = await queries.own_vacancy(tx, caller, vacancy_id)
    opening = opening_of(vacancy.facts)
    if opening is None:
        return Slice([])
    ranked = await search.rank_now(tx, opening)
    query, by = queries.in_order(ranked)
    page = await paging.read(tx, query, *by)
    found = []
    for number, row in enumerate(page.items, start=1):
        found.append(candidate_view(ranked.explain(row.trainer_id), queries.profile_in(ranked, row.trainer_id)))
        if number % _TURN == 0:
            await asyncio.sleep(0)
    await record_processing(tx, caller, ACTIVITY, *(row.trainer_id for row in page.items))
    return Slice(found, page.next_cursor)


@router.post(
    "/vacancies/{vacancy_id}/proposals",
    status_code=201,
    response_model=ProposalView,
    dependencies=[scope("proposals:write"), roles(*FOR_SCHOOLS, Role.DESK)],
)
async def propose(
    vacancy_id: UUID, command: Propose, caller: Caller, tx: InTx, request: Request, response: Response
) -> ProposalView:
    """Propose a trainer of one's own choice among those that fit, beside those that matching proposes."""
    await queries.own_vacancy(tx, caller, vacancy_id)
    by: Proposer = "desk" if Role.DESK in caller.roles else "school"
    proposal = await proposals.shortlist(tx, vacancy_id, command.trainer_id, by)
    await record_processing(tx, caller, ACTIVITY, proposal.trainer_id)
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/proposals/{proposal.id}"
    return proposal_view(proposal, caller)


@router.get("/waiting-vacancies", response_model=Page[WaitingView], dependencies=[scope("vacancies:read")])
async def waiting(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    region: Annotated[str | None, Query(description="A labour-market region, such as `AM01`.", max_length=20)] = None,
    subject: Annotated[str | None, Query(description="A trade or subject.", max_length=100)] = None,
) -> Slice[WaitingView]:
    """Show the vacancies for which nobody fits, who waits longest first."""
    query = queries.waiting(caller, region=region, subject=subject)
    page = await paging.read_each(tx, query, *queries.WAITING_ORDER, load=queries.load_vacancy)
    return Slice([waiting_view(vacancy) for vacancy in page.items], page.next_cursor)
