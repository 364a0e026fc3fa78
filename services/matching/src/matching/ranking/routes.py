"""Rankings over HTTP: how one was made, whether it can be repeated, and how the calling trainer fits a vacancy."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from common.caller import FOR_SCHOOLS, CallerRole
from common.errors import NotFound
from common.persistence.processing_log import record_processing
from common.web import Caller, InTx, Router, roles, scope
from matching.ranking import queries, usecases
from matching.ranking.model.lottery import seed_of
from matching.ranking.store import blind
from matching.ranking.views import (
    ACTIVITY,
    AssessmentView,
    RankingView,
    RepetitionView,
    assessment_view,
    viewpoint_on_vacancy,
)
from matching.vacancy import queries as vacancy_queries
from matching.vacancy.model.published import opening_of

vacancies = Router(tags=["Vacancies"])
rankings = Router(tags=["Rankings"])


@vacancies.get(
    "/vacancies/{vacancy_id}/assessment", response_model=AssessmentView, dependencies=[scope("proposals:read")]
)
async def assessment(vacancy_id: UUID, caller: Caller, tx: InTx) -> AssessmentView:
    """Show the calling trainer how they fit a vacancy that looks for somebody: every rule, also where they do not."""
    caller.must_be(CallerRole.TRAINER)
    vacancy = await vacancy_queries.searching(tx, vacancy_id)
    opening = opening_of(vacancy.facts)
    if caller.trainer is None or opening is None:
        raise NotFound(what="assessment", id=vacancy_id)
    assessed, ways = await usecases.assess(tx, opening, caller.trainer)
    await record_processing(tx, caller, ACTIVITY, caller.trainer)
    return assessment_view(vacancy, assessed, ways)


@rankings.get("/rankings/{ranking_id}", response_model=RankingView, dependencies=[scope("rankings:read")])
async def show(ranking_id: UUID, caller: Caller, tx: InTx) -> Any:
    """Show how a ranking was made."""
    row, vacancy = await queries.own_ranking(tx, caller, ranking_id)
    seed = f"{seed_of(row.vacancy_id, row.day):016x}"
    shown = {**row._mapping, "lottery_seed": seed}  # noqa: SLF001 - Row's public name
    viewpoint = viewpoint_on_vacancy(caller, vacancy, await blind.pseudonyms(tx))
    return shown if viewpoint.support else {**shown, "made_at": None, "candidates": None, "fitting": None}


@rankings.post(
    "/rankings/{ranking_id}/_repeat",
    response_model=RepetitionView,
    dependencies=[scope("rankings:read"), roles(*FOR_SCHOOLS, CallerRole.DESK)],
)
async def repeat(ranking_id: UUID, caller: Caller, tx: InTx) -> RepetitionView:
    """Make a ranking again from its kept inputs, and compare its fingerprint with what it was."""
    _, vacancy = await queries.own_ranking(tx, caller, ranking_id)
    then, now = await queries.repeats(tx, ranking_id)
    # The fingerprint is made of trainers' ids and measures: whoever guesses them could see that the guess is right.
    support = viewpoint_on_vacancy(caller, vacancy, await blind.pseudonyms(tx)).support
    return RepetitionView(ranking_id=ranking_id, identical=then == now, sha256=now.hex() if support else None)
