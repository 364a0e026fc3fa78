"""Rankings over HTTP: how one was made, and whether it can be made again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from common.caller import FOR_SCHOOLS, CallerRole
from common.web import Caller, InTx, Router, roles, scope
from matching import queries
from matching.routes.shown import eyes_on_vacancy
from matching.routes.views import RankingView, RepetitionView
from matching.store import blind

router = Router(tags=["Rankings"])


@router.get("/rankings/{ranking_id}", response_model=RankingView, dependencies=[scope("rankings:read")])
async def show(ranking_id: UUID, caller: Caller, tx: InTx) -> Any:
    """Show how a ranking was made."""
    row, vacancy = await queries.own_ranking(tx, caller, ranking_id)
    shown = dict(row._mapping)  # noqa: SLF001 - Row's public name
    eyes = eyes_on_vacancy(caller, vacancy, await blind.pseudonyms(tx))
    return shown if eyes.support else {**shown, "made_at": None, "candidates": None, "fitting": None}


@router.post(
    "/rankings/{ranking_id}/_repeat",
    response_model=RepetitionView,
    dependencies=[scope("rankings:read"), roles(*FOR_SCHOOLS, CallerRole.DESK)],
)
async def repeat(ranking_id: UUID, caller: Caller, tx: InTx) -> RepetitionView:
    """Make a ranking again from its kept inputs, and compare its fingerprint with what it was."""
    _, vacancy = await queries.own_ranking(tx, caller, ranking_id)
    then, now = await queries.repeats(tx, ranking_id)
    # The fingerprint is made of trainers' ids and measures: whoever guesses them could see that the guess is right.
    support = eyes_on_vacancy(caller, vacancy, await blind.pseudonyms(tx)).support
    return RepetitionView(ranking_id=ranking_id, identical=then == now, sha256=now.hex() if support else None)
