"""Reviews: what only a person may decide, decided by one, with a note that says why."""

from __future__ import annotations

from uuid import UUID

from common.web import Caller, Command, FreeText, InTx, Router, roles, scope
from contracts import queries
from contracts.model.contract import Contract
from contracts.routes.parties import REVIEWERS
from contracts.routes.views.contracts import ContractView
from contracts.usecases import judging

router = Router(tags=["Reviews"])
_WRITE = [scope("contracts:write"), roles(*REVIEWERS)]


class Reviewed(Command):
    """What the reviewer found."""

    note: FreeText


@router.post("/contracts/{contract_id}/_approve-review", response_model=ContractView, dependencies=_WRITE)
async def approve_review(contract_id: UUID, command: Reviewed, caller: Caller, tx: InTx) -> Contract:
    """Let a held contract, or a held extension, go on: it is put before the parties."""
    await queries.contract(tx, caller, contract_id)
    return await judging.approve(tx, contract_id, command.note)


@router.post("/contracts/{contract_id}/_reject-review", response_model=ContractView, dependencies=_WRITE)
async def reject_review(contract_id: UUID, command: Reviewed, caller: Caller, tx: InTx) -> Contract:
    """Refuse a held contract, or a held extension."""
    await queries.contract(tx, caller, contract_id)
    return await judging.reject(tx, contract_id, command.note)


@router.post("/contracts/{contract_id}/_return-review", response_model=ContractView, dependencies=_WRITE)
async def return_review(contract_id: UUID, command: Reviewed, caller: Caller, tx: InTx) -> Contract:
    """Return a held contract to the parties, who may change its terms."""
    await queries.contract(tx, caller, contract_id)
    return await judging.send_back(tx, contract_id, command.note)
