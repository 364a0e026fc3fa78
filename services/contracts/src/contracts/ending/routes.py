"""An end before the last day over HTTP: who may do what, and from when on."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from common.caller import PARTIES
from common.web import Caller, Command, InTx, PlannedDay, Router, roles, scope
from contracts.authority import must_act_for, was_read
from contracts.contract import store
from contracts.contract.model.contract import Contract
from contracts.contract.usecases import redact_for
from contracts.contract.views import ContractView
from contracts.ending import usecases
from contracts.ending.views import EndingsView, endings_view
from events.contracts import EndingReason
from events.words import Party

router = Router(tags=["Contracts"])
_BY_A_PARTY = [scope("contracts:write"), roles(*PARTIES)]


class ByAParty(Command):
    """For which party the caller acts."""

    party: Party


class ProposeEnding(ByAParty):
    """Propose an earlier last day."""

    last_day: PlannedDay
    reason: EndingReason


class GiveNotice(ByAParty):
    """End the contract by notice."""

    reason: EndingReason
    last_day: PlannedDay | None = None
    """By default as early as the term of notice allows."""
    permit: bool = False
    """The employer holds the permit, or the decision of a court, that the law asks of it."""


class EndForCause(ByAParty):
    """End the contract today, for a reason after which the party cannot be asked to go on."""

    reason: EndingReason
    stated: Annotated[Literal[True], Field(description="The other parties heard the reason at once.")]


@router.get("/contracts/{contract_id}/early-end", response_model=EndingsView, dependencies=[scope("contracts:read")])
async def show_endings(contract_id: UUID, caller: Caller, tx: InTx) -> EndingsView:
    """Show how the contract can end early: by whom, in which way, from when on, and what follows."""
    contract = await store.one(tx, caller, contract_id)
    await was_read(tx, caller, contract)
    return endings_view(redact_for(caller, contract), await usecases.outlook(tx, contract))


@router.post("/contracts/{contract_id}/_propose-ending", response_model=ContractView, dependencies=_BY_A_PARTY)
async def propose_ending(contract_id: UUID, command: ProposeEnding, caller: Caller, tx: InTx) -> Contract:
    """Propose to the other parties of the agreement that it ends earlier."""
    must_act_for(caller, await store.one(tx, caller, contract_id), command.party)
    changed = await usecases.propose(tx, contract_id, command.party, command.last_day, command.reason)
    return redact_for(caller, changed)


@router.post("/contracts/{contract_id}/_agree-ending", response_model=ContractView, dependencies=_BY_A_PARTY)
async def agree_ending(contract_id: UUID, command: ByAParty, caller: Caller, tx: InTx) -> Contract:
    """Consent to the proposed end; with the last consent it is certain."""
    must_act_for(caller, await store.one(tx, caller, contract_id), command.party)
    changed = await usecases.agree(tx, contract_id, command.party)
    return redact_for(caller, changed)


@router.post("/contracts/{contract_id}/_decline-ending", response_model=ContractView, dependencies=_BY_A_PARTY)
async def decline_ending(contract_id: UUID, command: ByAParty, caller: Caller, tx: InTx) -> Contract:
    """Refuse the proposed end: the contract goes on."""
    must_act_for(caller, await store.one(tx, caller, contract_id), command.party)
    changed = await usecases.decline(tx, contract_id, command.party)
    return redact_for(caller, changed)


@router.post("/contracts/{contract_id}/_withdraw-ending", response_model=ContractView, dependencies=_BY_A_PARTY)
async def withdraw_ending(contract_id: UUID, command: ByAParty, caller: Caller, tx: InTx) -> Contract:
    """Take back a proposal, or, in the days that the form gives for it, a consent: the contract goes on."""
    must_act_for(caller, await store.one(tx, caller, contract_id), command.party)
    changed = await usecases.withdraw(tx, contract_id, command.party)
    return redact_for(caller, changed)


@router.post("/contracts/{contract_id}/_give-notice", response_model=ContractView, dependencies=_BY_A_PARTY)
async def give_notice(contract_id: UUID, command: GiveNotice, caller: Caller, tx: InTx) -> Contract:
    """End the contract by notice, where the form and its clauses allow it; by default as early as may be."""
    must_act_for(caller, await store.one(tx, caller, contract_id), command.party)
    changed = await usecases.give_notice(
        tx, contract_id, command.party, command.reason, command.last_day, permit=command.permit
    )
    return redact_for(caller, changed)


@router.post("/contracts/{contract_id}/_end-for-cause", response_model=ContractView, dependencies=_BY_A_PARTY)
async def end_for_cause(contract_id: UUID, command: EndForCause, caller: Caller, tx: InTx) -> Contract:
    """End the contract today, for a reason after which the party cannot be asked to go on."""
    must_act_for(caller, await store.one(tx, caller, contract_id), command.party)
    changed = await usecases.end_for_cause(tx, contract_id, command.party, command.reason)
    return redact_for(caller, changed)
