"""The standing of a contract's trainer at its board: read by both, declared by the board."""

from __future__ import annotations

from uuid import UUID

from common.caller import FOR_SCHOOLS, CallerRole
from common.web import Caller, InTx, Router, creates_resource, roles, scope
from contracts.authority import must_act_for, was_read
from contracts.contract import store as contracts
from contracts.standing import store, usecases
from contracts.standing.model import Standing
from contracts.standing.views import StandingGiven, StandingView
from events.words import Party

router = Router(tags=["Contracts"])


@router.get(
    "/contracts/{contract_id}/standing",
    response_model=StandingView,
    dependencies=[scope("contracts:read"), roles(*FOR_SCHOOLS, CallerRole.TRAINER)],
)
async def show_standing(contract_id: UUID, caller: Caller, tx: InTx) -> Standing:
    """Show what the board declared of the trainer for the law: it goes for all contracts of the two."""
    contract = await contracts.one(tx, caller, contract_id)
    must_act_for(caller, contract, Party.SCHOOL, Party.TRAINER)
    await was_read(tx, caller, contract)
    return await store.standing_at(tx, contract.trainer_id, contract.board_id)


@router.put(
    "/contracts/{contract_id}/standing",
    response_model=StandingView,
    dependencies=[scope("contracts:write"), roles(*FOR_SCHOOLS), creates_resource()],
)
async def declare_standing(contract_id: UUID, command: StandingGiven, caller: Caller, tx: InTx) -> Standing:
    """Declare, as the board, since when the trainer works there on a ground, with which extensions, and the like.

    The next contract that is judged, also a changed or extended one, is judged by it.
    """
    contract = await contracts.one(tx, caller, contract_id)
    must_act_for(caller, contract, Party.SCHOOL)
    return await usecases.declare(tx, command.standing(contract.trainer_id, contract.board_id))
