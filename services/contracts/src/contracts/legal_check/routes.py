"""Routes that the law judges: other terms, a later end, and decisions that only a person may take."""

from __future__ import annotations

from uuid import UUID

from common.caller import FOR_COMPANIES, FOR_SCHOOLS
from common.web import (
    Caller,
    Command,
    FreeText,
    IfMatch,
    InTx,
    PlannedDay,
    Router,
    roles,
    scope,
)
from contracts.authority import REVIEWERS
from contracts.contract import store as contracts
from contracts.contract import usecases
from contracts.contract.model.contract import Contract
from contracts.contract.views import ContractView, TermsGiven
from contracts.legal_check.usecases import compliance

terms = Router(tags=["Contracts"])
reviews = Router(tags=["Reviews"])
_BY_A_REVIEWER = [scope("contracts:write"), roles(*REVIEWERS)]
_BY_AN_EMPLOYER = [scope("contracts:write"), roles(*FOR_SCHOOLS, *FOR_COMPANIES)]


class Extend(Command):
    """Let the work end later."""

    ends_on: PlannedDay


@terms.put("/contracts/{contract_id}/terms", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def change_terms(contract_id: UUID, command: TermsGiven, caller: Caller, tx: InTx, match: IfMatch) -> Contract:
    """Agree on other terms before everybody has signed: they are judged anew, and earlier signatures are void."""
    contract = await contracts.one(tx, caller, contract_id)
    await usecases.must_employ_by_signing(tx, caller, contract)
    match.check(contract.version)
    return await compliance.amend(tx, contract_id, command.terms())


@terms.post("/contracts/{contract_id}/_extend", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def extend_contract(contract_id: UUID, command: Extend, caller: Caller, tx: InTx) -> Contract:
    """Propose a later end: judged like a new contract, and signed by the same parties."""
    await usecases.must_employ_by_signing(tx, caller, await contracts.one(tx, caller, contract_id))
    return await compliance.extend(tx, contract_id, command.ends_on)


class Reviewed(Command):
    """The finding of the reviewer."""

    note: FreeText


@reviews.post("/contracts/{contract_id}/_approve-review", response_model=ContractView, dependencies=_BY_A_REVIEWER)
async def approve_review(contract_id: UUID, command: Reviewed, caller: Caller, tx: InTx) -> Contract:
    """Let a held contract, or a held extension, go on: it is put before the parties."""
    await contracts.one(tx, caller, contract_id)
    return await compliance.approve(tx, contract_id, command.note)


@reviews.post("/contracts/{contract_id}/_reject-review", response_model=ContractView, dependencies=_BY_A_REVIEWER)
async def reject_review(contract_id: UUID, command: Reviewed, caller: Caller, tx: InTx) -> Contract:
    """Refuse a held contract, or a held extension."""
    await contracts.one(tx, caller, contract_id)
    return await compliance.reject(tx, contract_id, command.note)


@reviews.post("/contracts/{contract_id}/_return-review", response_model=ContractView, dependencies=_BY_A_REVIEWER)
async def return_review(contract_id: UUID, command: Reviewed, caller: Caller, tx: InTx) -> Contract:
    """Return a held contract to the parties, who may change its terms."""
    await contracts.one(tx, caller, contract_id)
    return await compliance.send_back(tx, contract_id, command.note)
