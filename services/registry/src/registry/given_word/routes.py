"""Given words over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from common.caller import CallerRole
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import Caller, InTx, Page, Paging, Router, roles, scope
from registry.fields import SHOW_TRAINER
from registry.given_word import queries
from registry.given_word.views import WordGivenView

router = Router(tags=["Trainers"])


@router.get(
    "/given-words",
    name="find",
    response_model=Page[WordGivenView],
    dependencies=[scope("trainers:read"), roles(CallerRole.TRAINER, CallerRole.DESK, CallerRole.PROGRAMME)],
)
async def find(caller: Caller, tx: InTx, paging: Paging, trainer_id: UUID | None = None) -> Paged[Any]:
    """Find what people asked a desk to do for them: you, those of your region, or all as the programme."""
    page = await queries.page(tx, caller, paging, trainer_id=trainer_id)
    await record_processing(tx, caller, SHOW_TRAINER, *dict.fromkeys(one.trainer_id for one in page.items))
    return page
