"""The information sheet of a proposal over HTTP, as data and as a page."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from common.caller import Caller as Who
from common.persistence.processing_log import record_processing
from common.web import Caller, InTx, Router, scope
from matching.information.views import InformationSheetView, Rules, as_page, sheet_view
from matching.proposal import queries
from matching.proposal.views import viewpoint_on
from matching.ranking.store import blind
from matching.ranking.views import ACTIVITY

router = Router(tags=["Proposals"])
_READ = [scope("proposals:read")]


class Html(Response):
    """A page."""

    media_type = "text/html"


@router.get("/proposals/{proposal_id}/information-sheet", response_model=InformationSheetView, dependencies=_READ)
async def information_sheet(proposal_id: UUID, caller: Caller, tx: InTx) -> InformationSheetView:
    """Explain a proposal to the calling party: what was used, what never is, who decides, and how to appeal."""
    return await _sheet(tx, caller, proposal_id)


@router.get("/proposals/{proposal_id}/information-sheet/page", response_class=Html, dependencies=_READ)
async def information_page(proposal_id: UUID, caller: Caller, tx: InTx) -> Html:
    """Explain a proposal to the calling party on a page to read: in Dutch, then in English."""
    return Html(as_page(await _sheet(tx, caller, proposal_id)))


async def _sheet(tx: InTx, caller: Who, proposal_id: UUID) -> InformationSheetView:
    proposal = await queries.own_proposal(tx, caller, proposal_id)
    viewpoint = viewpoint_on(caller, proposal, await blind.pseudonyms(tx))
    sheet = sheet_view(proposal, viewpoint, Rules.of(await tx.policies(), tx.today))
    await record_processing(tx, caller, ACTIVITY, proposal.trainer_id)
    return sheet
