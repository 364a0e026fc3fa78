"""Changes of an organisation over HTTP."""

from __future__ import annotations

from uuid import UUID

from common.caller import FOR_COMPANIES, FOR_SCHOOLS, CallerRole
from common.errors import Forbidden
from common.web import (
    Caller,
    InTx,
    Router,
    creates_resource,
    roles,
    scope,
)
from registry.fields import check_chosen
from registry.if_match import IfMatchWhereItExists
from registry.organisation import queries as organisation_queries
from registry.organisation import usecases as organisation_usecases
from registry.organisation.model import Organisation
from registry.organisation.usecases import must_act_for_parents, register_for
from registry.organisation.views import OrganisationBody, OrganisationView
from registry.organisation_change.usecases import changing

router = Router(tags=["Organisations"])
_WRITE = [scope("organisations:write"), roles(*FOR_SCHOOLS, *FOR_COMPANIES, CallerRole.DESK, CallerRole.PROGRAMME)]
_STAFF = (CallerRole.DESK, CallerRole.PROGRAMME)


@router.put(
    "/organisations/{organisation_id}",
    response_model=OrganisationView,
    dependencies=[*_WRITE, creates_resource()],
)
async def put(
    organisation_id: UUID, command: OrganisationBody, caller: Caller, tx: InTx, expected: IfMatchWhereItExists
) -> Organisation:
    """Register an organisation under an id of your own, or change one that is there (with If-Match)."""
    known = await organisation_queries.own(tx, caller, organisation_id)
    if known is None:
        return await register_for(tx, caller, command.organisation(check_chosen(organisation_id, "organisationId")))
    wanted = await organisation_usecases.placed(tx, command.organisation(organisation_id), known)
    await _check_change(tx, caller, known, wanted)
    changed = await changing.change(tx, known, wanted)
    if changed.version != known.version:
        expected.check(known.version)
    return changed


class LookedAt(Forbidden):
    """Details that were checked when the organisation was confirmed are changed by its desk or by the programme."""


async def _check_change(tx: InTx, caller: Caller, known: Organisation, wanted: Organisation) -> None:
    """Check that the caller acts for what is above the organisation, before and after, where that changes.

    Raises:
        ForeignOwner: for one of them it does not: a school's board and its next board both have to be asked.
        LookedAt: a party would become another one than was confirmed.
    """
    if known.parent_id != wanted.parent_id:
        must_act_for_parents(caller, await organisation_usecases.parents_of(tx, known, wanted))
    if known.changes_what_was_looked_at(wanted) and caller.roles.isdisjoint(_STAFF):
        raise LookedAt
