"""Look up proposals: those of which the caller is a party, whose desk it is, or all for the programme."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from common.caller import Caller, CallerRole
from common.persistence.owned import one_of, owners_of
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from common.persistence.visibility import owned, visible
from matching.proposal import tables
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import SETTLED
from matching.proposal.store import proposals

SEE_ALL: Final = {CallerRole.PROGRAMME}
_PROPOSALS: Final = tables.proposals.c


async def own_proposal(tx: Tx, caller: Caller, proposal_id: UUID) -> Proposal:
    """Return one proposal.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    return proposals.load(await one_of(tx, caller, tables.proposals, proposal_id, "proposal", all_for=SEE_ALL))


async def own_proposals(
    tx: Tx,
    caller: Caller,
    paging: PageRequest,
    *,
    vacancy_id: UUID | None,
    trainer_id: UUID | None,
    status: str | None,
) -> Paged[Proposal]:
    """Return a page of proposals, those of the newest day first.

    ``trainer_id`` finds nothing of which the caller does not see the trainer.
    """
    query = select(tables.proposals)
    for condition in (
        _PROPOSALS.vacancy_id == vacancy_id if vacancy_id else None,
        (_PROPOSALS.trainer_id == trainer_id) & _known_trainer(caller) if trainer_id else None,
        _PROPOSALS.status == status if status else None,
    ):
        query = query if condition is None else query.where(condition)
    mine = owned(caller, all_for=SEE_ALL, **owners_of(tables.proposals))
    return await paging.read_each(tx, query, _PROPOSALS.id, load=proposals.load, newest_first=True, owned=mine)


def _known_trainer(caller: Caller) -> ColumnElement[bool]:
    """Return where the view shows the caller who the trainer is; see ``views.proposal_view``."""
    as_employer = visible(caller, companies=_PROPOSALS.company_id) & _PROPOSALS.consents.has_key("trainer")
    return or_(_PROPOSALS.status.in_(SETTLED), visible(caller, trainers=_PROPOSALS.trainer_id), as_employer)
