"""Vacancies over HTTP, as matching sees them: who fits and why, a shortlist of one's own, and the waiting list."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Request, Response

from common.caller import FOR_SCHOOLS, CallerRole
from common.errors import NotFound
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import Caller, Command, InTx, Page, Paging, Router, roles, scope
from events.matching import Proposer
from matching import queries
from matching.model.blindness import Bands, Blindness
from matching.model.opening import Opening
from matching.model.published import opening_of
from matching.model.ranking import Ranking
from matching.model.vacancy import Vacancy
from matching.routes.shown import (
    ACTIVITY,
    Eyes,
    assessment_view,
    candidate_view,
    eyes_on_vacancy,
    proposal_view,
    waiting_view,
)
from matching.routes.views import (
    AssessmentView,
    CandidateView,
    ProposalView,
    RejectionView,
    ScreeningView,
    WaitingView,
)
from matching.store import blind, editions
from matching.store import proposals as proposal_rows
from matching.usecases import proposals, search

router = Router(tags=["Vacancies"])
_TURN: Final = 40
"""Explanations, of half a millisecond each, after which other requests get a turn."""


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
    vacancy = await queries.own_vacancy(tx, caller, vacancy_id, all_for={CallerRole.PROGRAMME})
    eyes = eyes_on_vacancy(caller, vacancy, await blind.pseudonyms(tx))
    opening = opening_of(vacancy.facts)
    if opening is None:
        return Paged([])
    ranked = await _ranking(tx, eyes, vacancy, opening)
    bands = Blindness.of(await tx.policies(), tx.today).bands(ranked)
    candidates = await _candidates(tx, vacancy, eyes, ranked, bands)
    page = await paging.read(tx, candidates.query, *candidates.by)
    profiles, found, seen = ranked.evidence.profiles, list[CandidateView](), list[UUID]()
    for number, row in enumerate(page.items, start=1):
        place = candidates.rows[row.candidate_id]
        assessed = ranked.explain(profiles[place].trainer_id) if eyes.support else None
        found.append(candidate_view(row.candidate_id, bands.get(place, Bands()), assessed))
        seen.append(profiles[place].trainer_id)
        if number % _TURN == 0:
            await asyncio.sleep(0)
    await record_processing(tx, caller, ACTIVITY, *seen)
    return Paged(found, page.next_cursor)


@router.get("/vacancies/{vacancy_id}/screening", response_model=ScreeningView, dependencies=[scope("rankings:read")])
async def screening(vacancy_id: UUID, caller: Caller, tx: InTx) -> ScreeningView:
    """Count the trainers that each rule keeps apart from a vacancy, as of now: rounded, and no small numbers."""
    vacancy = await queries.own_vacancy(tx, caller, vacancy_id, all_for={CallerRole.PROGRAMME})
    opening = opening_of(vacancy.facts)
    if opening is None:
        return ScreeningView(vacancy_id=vacancy_id, by_rule=[])
    ranked = await _ranking(tx, eyes_on_vacancy(caller, vacancy, await blind.pseudonyms(tx)), vacancy, opening)
    counted = Blindness.of(await tx.policies(), tx.today).rejections(ranked)
    by_rule = [RejectionView(rule=rule, candidates=candidates) for rule, candidates in counted.items()]
    return ScreeningView(vacancy_id=vacancy_id, by_rule=by_rule)


@router.get("/vacancies/{vacancy_id}/assessment", response_model=AssessmentView, dependencies=[scope("proposals:read")])
async def assessment(vacancy_id: UUID, caller: Caller, tx: InTx) -> AssessmentView:
    """Show the calling trainer how they fit a vacancy that looks for somebody: every rule, also where they do not."""
    caller.must_be(CallerRole.TRAINER)
    vacancy = await queries.searching(tx, vacancy_id)
    opening = opening_of(vacancy.facts)
    if caller.trainer is None or opening is None:
        raise NotFound(what="assessment", id=vacancy_id)
    assessed = await search.assess(tx, opening, caller.trainer)
    await record_processing(tx, caller, ACTIVITY, caller.trainer)
    return assessment_view(vacancy, assessed)


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
    vacancy = await queries.own_vacancy(tx, caller, vacancy_id)
    eyes = eyes_on_vacancy(caller, vacancy, await blind.pseudonyms(tx))
    opening = opening_of(vacancy.facts)
    if opening is None:
        raise proposals.Unplaced
    ranked = await _ranking(tx, eyes, vacancy, opening)
    bands = Blindness.of(await tx.policies(), tx.today).bands(ranked)
    row = (await _candidates(tx, vacancy, eyes, ranked, bands)).rows.get(command.candidate_id)
    if row is None:
        raise NotFound(what="candidate", id=command.candidate_id)
    by: Proposer = "desk" if eyes.support else "school"
    proposal = await proposals.shortlist(tx, vacancy_id, ranked.evidence.profiles[row].trainer_id, by)
    await record_processing(tx, caller, ACTIVITY, proposal.trainer_id)
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/proposals/{proposal.id}"
    return proposal_view(proposal, eyes)


async def _ranking(tx: InTx, eyes: Eyes, vacancy: Vacancy, opening: Opening) -> Ranking:
    """Rank everybody as of now for the desk and the programme, and for others those of today's edition."""
    if eyes.support:
        return await search.rank_now(tx, opening)
    return await editions.ranked(tx, opening, vacancy.facts.region)


async def _candidates(
    tx: InTx, vacancy: Vacancy, eyes: Eyes, ranked: Ranking, bands: Mapping[int, Bands]
) -> queries.Candidates:
    """Return whom a viewer may see of a ranking; those whom the parties know by now are no candidates any more."""
    return queries.candidates(
        ranked,
        lambda trainer_id: eyes.pseudonyms.of(vacancy.id, vacancy.round, eyes.viewer, trainer_id),
        bands=bands,
        all_of_them=eyes.support,
        without=await proposal_rows.revealed_for(tx, vacancy.id),
    )


@router.get("/waiting-vacancies", response_model=Page[WaitingView], dependencies=[scope("vacancies:read")])
async def waiting(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    region: Annotated[str | None, Query(description="A labour-market region, such as `AM01`.", max_length=20)] = None,
    subject: Annotated[str | None, Query(description="A trade or subject.", max_length=100)] = None,
) -> Paged[WaitingView]:
    """Show the vacancies for which nobody fits, who waits longest first."""
    query = queries.waiting(region=region, subject=subject)
    owned = queries.askers(caller, all_for={CallerRole.PROGRAMME})
    page = await paging.read_each(tx, query, *queries.WAITING_ORDER, load=queries.load_vacancy, owned=owned)
    return Paged([waiting_view(vacancy) for vacancy in page.items], page.next_cursor)
