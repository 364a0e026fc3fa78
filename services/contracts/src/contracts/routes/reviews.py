"""Reviews: what only a person may decide, decided by one, with a note that says why."""

from __future__ import annotations

from uuid import UUID

from common.http import Caller, Command, FreeText, InTx, Router, scope
from contracts import queries
from contracts.model.contract import Contract
from contracts.routes.parties import REVIEWERS
from contracts.routes.views.contracts import ContractView
from contracts.usecases import judging

router = Router(tags=["Reviews"])
_WRITE = [scope("contracts:write")]


class Reviewed(Command):
    """What the reviewer found."""

    note: FreeText


@router.post("/contracts/{contract_id}/_approve-review", response_model=ContractView, dependencies=_WRITE)
async def approve_review(contract_id: UUID, command: Reviewed, caller: Caller, tx: InTx) -> Contract:
    """Let a held contract, or a held extension, go on: it is put before the parties."""
    await _may_review(contract_id, caller, tx)
    return await judging.approve(tx, contract_id, command.note)


@router.post("/contracts/{contract_id}/_reject-review", response_model=ContractView, dependencies=_WRITE)
async def reject_review(contract_id: UUID, command: Reviewed, caller: Caller, tx: InTx) -> Contract:
    """Refuse a held contract, or a held extension."""
    await _may_review(contract_id, caller, tx)
    return await judging.reject(tx, contract_id, command.note)


@router.post("/contracts/{contract_id}/_return-review", response_model=ContractView, dependencies=_WRITE)
async def return_review(contract_id: UUID, command: Reviewed, caller: Caller, tx: InTx) -> Contract:
    """Return a held contract to the parties, who may change its terms."""
    await _may_review(contract_id, caller, tx)
    return await judging.send_back(tx, contract_id, command.note)


async def _may_review(contract_id: UUID, caller: Caller, tx: InTx) -> None:
    await queries.contract(tx, caller, contract_id)
    caller.must_be(*REVIEWERS)
