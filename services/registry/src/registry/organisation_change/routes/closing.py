"""Organisations that end, over HTTP: for those who keep the list of them."""

from __future__ import annotations

from uuid import UUID

from common.caller import CallerRole
from common.errors import NotFound
from common.web import Caller, Command, InTx, PlannedDay, Router, roles, scope
from registry.organisation.model import Organisation
from registry.organisation.store import organisations
from registry.organisation.views import OrganisationView
from registry.organisation_change.usecases import closing

router = Router(tags=["Organisations"])
_KEEP_THE_LIST = [scope("organisations:write"), roles(CallerRole.DESK, CallerRole.PROGRAMME)]


class ClosingBody(Command):
    """When an organisation ends, and what it goes up in."""

    closed_on: PlannedDay
    """The first day on which it is no more."""
    successor_id: UUID | None = None
    """An organisation of the same kind: it takes over the schools or locations, and is found under the old BRIN."""


@router.post("/organisations/{organisation_id}/_close", response_model=OrganisationView, dependencies=_KEEP_THE_LIST)
async def close(organisation_id: UUID, command: ClosingBody, caller: Caller, tx: InTx) -> Organisation:
    """End an organisation on a day: nothing new begins there from then on. A later word corrects an earlier one."""
    known = await _known(tx, caller, organisation_id)
    return await closing.close(tx, known, command.closed_on, command.successor_id)


@router.post("/organisations/{organisation_id}/_reopen", response_model=OrganisationView, dependencies=_KEEP_THE_LIST)
async def reopen(organisation_id: UUID, caller: Caller, tx: InTx) -> Organisation:
    """Let an organisation go on after all; what went to a successor stays there."""
    return await closing.reopen(tx, await _known(tx, caller, organisation_id))


async def _known(tx: InTx, caller: Caller, organisation_id: UUID) -> Organisation:
    known = await organisations.get(tx, organisation_id, lock=True)
    if not caller.sees(all_for=(CallerRole.PROGRAMME,), regions=known.region):
        raise NotFound(what="organisation", id=organisation_id)
    return known
