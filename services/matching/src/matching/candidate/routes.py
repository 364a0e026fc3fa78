"""Candidates over HTTP: who fits a vacancy, how many each rule keeps apart, and a proposal of one's own choice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import Request, Response

from common.caller import FOR_SCHOOLS, CallerRole
from common.errors import NotFound
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.persistence.transaction import uuid7
from common.web import Caller, Command, InTx, Page, Paging, Router, roles, scope
from events.matching import Proposer
from matching.candidate import queries, usecases
from matching.candidate.views import (
    CandidateView,
    ExplainedCandidateView,
    OutlookBody,
    OutlookView,
    ReserveView,
    ScreeningView,
    VacancyOutlookView,
    candidate_view,
    outlook_view,
    rejection_view,
    reserved_view,
)
from matching.proposal.store import proposals
from matching.proposal.usecases import search
from matching.proposal.views import ProposalView, proposal_view
from matching.ranking.model.blindness import Bands, Blindness
from matching.ranking.model.ranking import Ranking
from matching.ranking.store import blind
from matching.ranking.usecases import WAYS
from matching.ranking.views import ACTIVITY, Viewpoint, viewpoint_on_vacancy, ways_view
from matching.vacancy import queries as vacancy_queries
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.vacancy import Vacancy

router = Router(tags=["Vacancies"])
_TURN: Final = 8
"""Explanations, of up to some milliseconds each, after which other requests get a turn."""


class Propose(Command):
    """Propose somebody of the ranking."""

    candidate_id: UUID
    """From this vacancy's ranking, as the same party saw it."""


@router.get(
    "/vacancies/{vacancy_id}/ranking", response_model=Page[CandidateView], dependencies=[scope("rankings:read")]
)
async def ranking(vacancy_id: UUID, caller: Caller, tx: InTx, paging: Paging) -> Paged[CandidateView]:
    """Show who fits a vacancy as of now, in bands and under pseudonyms; the desk and the programme see everybody.

    The desk and the programme see the best first, then who does not fit, with what would help.
    """
    vacancy = await vacancy_queries.own_vacancy(tx, caller, vacancy_id, all_for={CallerRole.PROGRAMME})
    viewpoint = viewpoint_on_vacancy(caller, vacancy, await blind.pseudonyms(tx))
    opening = opening_of(vacancy.facts)
    if opening is None:
        return Paged([])
    ranked = await usecases.rank_for(tx, vacancy, opening, support=viewpoint.support)
    bands = Blindness.of(await tx.policies(), tx.today).bands(ranked)
    candidates = await _candidates(tx, vacancy, viewpoint, ranked, bands)
    page = await paging.read(tx, candidates.query, *candidates.by)
    profiles, found, seen = ranked.evidence.profiles, list[CandidateView](), list[UUID]()
    for number, row in enumerate(page.items, start=1):
        place = candidates.rows[row.candidate_id]
        assessed = ranked.explain(profiles[place].trainer_id) if viewpoint.support else None
        found.append(candidate_view(row.candidate_id, bands.get(place, Bands()), assessed))
        seen.append(profiles[place].trainer_id)
        if number % _TURN == 0:
            await asyncio.sleep(0)
    await record_processing(tx, caller, ACTIVITY, *seen)
    return Paged(found, page.next_cursor)


@router.get(
    "/vacancies/{vacancy_id}/candidates/{candidate_id}",
    response_model=ExplainedCandidateView,
    dependencies=[scope("rankings:read"), roles(CallerRole.DESK, CallerRole.PROGRAMME)],
)
async def explain(vacancy_id: UUID, candidate_id: UUID, caller: Caller, tx: InTx) -> ExplainedCandidateView:
    """Explain one candidate, with the smallest changes by which they would fit or come first: applied and checked."""
    vacancy = await vacancy_queries.own_vacancy(tx, caller, vacancy_id, all_for={CallerRole.PROGRAMME})
    viewpoint = viewpoint_on_vacancy(caller, vacancy, await blind.pseudonyms(tx))
    opening = opening_of(vacancy.facts)
    if opening is None:
        raise NotFound(what="candidate", id=candidate_id)
    ranked = await usecases.rank_for(tx, vacancy, opening, support=True)
    bands = Blindness.of(await tx.policies(), tx.today).bands(ranked)
    row = (await _candidates(tx, vacancy, viewpoint, ranked, bands)).rows.get(candidate_id)
    if row is None:
        raise NotFound(what="candidate", id=candidate_id)
    trainer_id = ranked.evidence.profiles[row].trainer_id
    await record_processing(tx, caller, ACTIVITY, trainer_id)
    shown = candidate_view(candidate_id, bands.get(row, Bands()), ranked.explain(trainer_id))
    return ExplainedCandidateView(**dict(shown), ways=ways_view(ranked.ways(trainer_id, at_most=WAYS)))


@router.get(
    "/vacancies/{vacancy_id}/reserve",
    response_model=ReserveView,
    dependencies=[scope("rankings:read"), roles(CallerRole.DESK, CallerRole.PROGRAMME)],
)
async def reserve(vacancy_id: UUID, caller: Caller, tx: InTx) -> ReserveView:
    """Show whom the search would ask next for a vacancy, in its order, when a proposal ends without a match."""
    vacancy = await vacancy_queries.own_vacancy(tx, caller, vacancy_id, all_for={CallerRole.PROGRAMME})
    viewpoint = viewpoint_on_vacancy(caller, vacancy, await blind.pseudonyms(tx))
    opening = opening_of(vacancy.facts)
    found = [] if opening is None else await search.reserve(tx, vacancy, opening)
    await record_processing(tx, caller, ACTIVITY, *(each.candidate.trainer_id for each in found))
    ids = (
        viewpoint.pseudonyms.of(vacancy.id, vacancy.round, viewpoint.viewer, each.candidate.trainer_id)
        for each in found
    )
    return ReserveView(
        vacancy_id=vacancy_id,
        free_places=vacancy.free,
        asked=await proposals.count_open(tx, vacancy_id),
        reserve=[reserved_view(*each) for each in zip(range(1, len(found) + 1), ids, found, strict=True)],
    )


@router.get("/vacancies/{vacancy_id}/screening", response_model=ScreeningView, dependencies=[scope("rankings:read")])
async def screening(vacancy_id: UUID, caller: Caller, tx: InTx) -> ScreeningView:
    """Count the trainers that each rule keeps apart from a vacancy, as of now: rounded, and no small numbers."""
    vacancy = await vacancy_queries.own_vacancy(tx, caller, vacancy_id, all_for={CallerRole.PROGRAMME})
    opening = opening_of(vacancy.facts)
    if opening is None:
        return ScreeningView(vacancy_id=vacancy_id, by_rule=[])
    viewpoint = viewpoint_on_vacancy(caller, vacancy, await blind.pseudonyms(tx))
    ranked = await usecases.rank_for(tx, vacancy, opening, support=viewpoint.support)
    counted = Blindness.of(await tx.policies(), tx.today).rejections(ranked)
    by_rule = [rejection_view(rule, candidates) for rule, candidates in counted.items()]
    return ScreeningView(vacancy_id=vacancy_id, by_rule=by_rule)


@router.get("/vacancies/{vacancy_id}/outlook", response_model=VacancyOutlookView, dependencies=[scope("rankings:read")])
async def outlook(vacancy_id: UUID, caller: Caller, tx: InTx) -> VacancyOutlookView:
    """Show how many fit a vacancy as of now, whether the law allows it at all, and what would bring more."""
    vacancy = await vacancy_queries.own_vacancy(tx, caller, vacancy_id, all_for={CallerRole.PROGRAMME})
    opening = opening_of(vacancy.facts)
    if opening is None:
        raise usecases.Unplaced
    found = outlook_view(await usecases.outlook(tx, opening))
    return VacancyOutlookView(vacancy_id=vacancy_id, **dict(found))


@router.post(
    "/outlooks",
    response_model=OutlookView,
    dependencies=[scope("rankings:read"), roles(*FOR_SCHOOLS, CallerRole.DESK)],
)
async def outlook_before_posting(command: OutlookBody, caller: Caller, tx: InTx) -> OutlookView:
    """Show the outlook of a vacancy that is not there: nothing of it is stored, and nobody is asked."""
    site = await usecases.site_of(tx, command.location_id)
    caller.must_act_for(boards=site.board_id, schools=site.school_id, locations=site.id, regions=site.region)
    opening = command.opening(site, uuid7())
    if opening is None:
        raise usecases.Unplaced
    return outlook_view(await usecases.outlook(tx, opening))


@router.post(
    "/vacancies/{vacancy_id}/proposals",
    status_code=201,
    response_model=ProposalView,
    dependencies=[scope("proposals:write"), roles(*FOR_SCHOOLS, CallerRole.DESK)],
)
async def propose(
    vacancy_id: UUID, command: Propose, caller: Caller, tx: InTx, request: Request, response: Response
) -> ProposalView:
    """Propose a candidate of one's own choice among those that fit, beside those that matching proposes."""
    vacancy = await vacancy_queries.own_vacancy(tx, caller, vacancy_id)
    viewpoint = viewpoint_on_vacancy(caller, vacancy, await blind.pseudonyms(tx))
    opening = opening_of(vacancy.facts)
    if opening is None:
        raise usecases.Unplaced
    ranked = await usecases.rank_for(tx, vacancy, opening, support=viewpoint.support)
    bands = Blindness.of(await tx.policies(), tx.today).bands(ranked)
    row = (await _candidates(tx, vacancy, viewpoint, ranked, bands)).rows.get(command.candidate_id)
    if row is None:
        raise NotFound(what="candidate", id=command.candidate_id)
    by: Proposer = "desk" if viewpoint.support else "school"
    proposal = await usecases.shortlist(tx, vacancy_id, ranked.evidence.profiles[row].trainer_id, by)
    await record_processing(tx, caller, ACTIVITY, proposal.trainer_id)
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/proposals/{proposal.id}"
    return proposal_view(proposal, viewpoint)


async def _candidates(
    tx: InTx, vacancy: Vacancy, viewpoint: Viewpoint, ranked: Ranking, bands: Mapping[int, Bands]
) -> queries.Candidates:
    """Return whom a viewer may see of a ranking; those whom the parties know by now are no candidates any more."""
    return queries.candidates(
        ranked,
        lambda trainer_id: viewpoint.pseudonyms.of(vacancy.id, vacancy.round, viewpoint.viewer, trainer_id),
        bands=bands,
        all_of_them=viewpoint.support,
        without=await proposals.revealed_for(tx, vacancy.id),
    )
