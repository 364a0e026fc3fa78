"""Contracts: read, change before they are signed, sign, and let them run."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from common.caller import FOR_COMPANIES, FOR_SCHOOLS, PARTIES, CallerRole
from common.persistence.paging import Paged
from common.web import Caller, Command, IfMatch, InTx, Page, Paging, PlannedDay, Router, creates_resource, roles, scope
from contracts import queries
from contracts.model.checks import OF_THE_DEAL
from contracts.model.contract import Contract, Status, SuspendedReason
from contracts.model.plain import camel_keys
from contracts.queries import DocumentText
from contracts.reference.wording import Language
from contracts.routes.parties import must_act_for, was_read
from contracts.routes.views.contracts import ContractView, DocumentView
from contracts.routes.views.decisions import DecisionView
from contracts.routes.views.terms import TermsGiven
from contracts.usecases import judging, signing, working
from events.sides import OF_THE_PERSON
from events.words import Party

router = Router(tags=["Contracts"])
_READ = [scope("contracts:read")]
_BY_A_PARTY = [scope("contracts:write"), roles(*PARTIES)]
_BY_AN_EMPLOYER = [scope("contracts:write"), roles(*FOR_SCHOOLS, *FOR_COMPANIES)]
_EMPLOYERS = (Party.SCHOOL, Party.COMPANY)


class Sign(Command):
    """Sign the version that has this hash."""

    document_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Dissolve(Command):
    """End what was signed before it begins."""

    reason: Literal["vog_not_shown", "mutual", "other"]


class Suspend(Command):
    """Stop the work for a while."""

    reason: SuspendedReason


class End(Command):
    """End the work today."""

    reason: Literal["schedule", "time", "employer", "qualification", "fee", "other"]


class Extend(Command):
    """Let the work end later."""

    ends_on: PlannedDay


@router.get("/contracts", response_model=Page[ContractView], dependencies=_READ)
async def list_contracts(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    status: Status | None = None,
    vacancy_id: UUID | None = None,
    trainer_id: UUID | None = None,
) -> Paged[Contract]:
    """List the caller's contracts, the oldest first."""
    page = await queries.all_contracts(tx, caller, paging, status=status, vacancy_id=vacancy_id, trainer_id=trainer_id)
    await was_read(tx, caller, *page.items)
    return Paged([_for_the_eyes_of(caller, each) for each in page.items], page.next_cursor)


@router.get("/contracts/{contract_id}", response_model=ContractView, dependencies=_READ)
async def show_contract(contract_id: UUID, caller: Caller, tx: InTx) -> Contract:
    """Show one contract, with the newest decision about it and what every feasible form would cost."""
    contract = await queries.contract(tx, caller, contract_id)
    await was_read(tx, caller, contract)
    return _for_the_eyes_of(caller, contract)


def _for_the_eyes_of(caller: Caller, contract: Contract) -> Contract:
    """Leave out why it ended or stands still where that is the person's own, as cases, feed and letters do."""
    hidden = contract.reason in OF_THE_PERSON and not _sees_the_person(caller, contract)
    return replace(contract, reason=None) if hidden else contract


def _sees_the_person(caller: Caller, contract: Contract) -> bool:
    return caller.sees(all_for=(CallerRole.PROGRAMME,), trainers=contract.trainer_id, regions=contract.region)


@router.get("/contracts/{contract_id}/document", response_model=DocumentView, dependencies=_READ)
async def show_document(
    contract_id: UUID,
    caller: Caller,
    tx: InTx,
    lang: Annotated[Language, Query(description="In which language the text is.")] = "nl",
    document_version: Annotated[int | None, Query(ge=1, le=10_000, description="By default the newest.")] = None,
) -> DocumentText:
    """Show a version of the document: the clauses that are signed, and the text to read."""
    contract = await queries.contract(tx, caller, contract_id)
    await was_read(tx, caller, contract)
    return await queries.document(tx, contract, document_version, lang)


@router.get("/contracts/{contract_id}/decisions", response_model=Page[DecisionView], dependencies=_READ)
async def list_decisions(contract_id: UUID, caller: Caller, tx: InTx, paging: Paging) -> Paged[dict[str, Any]]:
    """List what was decided about a contract, each with the facts and reasons to repeat it.

    Where else a trainer works, and what they hold, is shown to the trainer, the desk and the programme.
    """
    contract = await queries.contract(tx, caller, contract_id)
    await was_read(tx, caller, contract)
    page = await queries.decisions(tx, paging, contract_id)
    whole = _sees_the_person(caller, contract)
    return Paged([_as_seen(dict(row._mapping), whole=whole) for row in page.items], page.next_cursor)  # noqa: SLF001 - Row's public name


def _as_seen(decision: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    checks = [
        check if whole or check["name"] in OF_THE_DEAL else {**check, "facts": None} for check in decision["checks"]
    ]
    seen: dict[str, Any] = camel_keys({**decision, "checks": checks})
    return seen


@router.put("/contracts/{contract_id}/terms", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def change_terms(contract_id: UUID, command: TermsGiven, caller: Caller, tx: InTx, match: IfMatch) -> Contract:
    """Agree on other terms before everybody has signed: they are judged anew, and earlier signatures are void."""
    contract = await queries.contract(tx, caller, contract_id)
    must_act_for(caller, contract, *_EMPLOYERS)
    match.check(contract.version)
    return await judging.amend(tx, contract_id, command.terms())


@router.put(
    "/contracts/{contract_id}/signatures/{party}",
    response_model=ContractView,
    dependencies=[*_BY_A_PARTY, creates_resource()],
)
async def sign_contract(contract_id: UUID, party: Party, command: Sign, caller: Caller, tx: InTx) -> Contract:
    """Sign for a party; the last mandatory signature makes the contract binding."""
    must_act_for(caller, await queries.contract(tx, caller, contract_id), party)
    return await signing.sign(tx, contract_id, party, command.document_hash)


@router.post("/contracts/{contract_id}/_refuse", response_model=ContractView, dependencies=_BY_A_PARTY)
async def refuse_contract(contract_id: UUID, caller: Caller, tx: InTx) -> Contract:
    """Refuse to sign, as one of the parties: the contract is cancelled."""
    must_act_for(caller, await queries.contract(tx, caller, contract_id), *Party)
    return await signing.cancel(tx, contract_id, "party_refused")


@router.post("/contracts/{contract_id}/_cancel", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def cancel_contract(contract_id: UUID, caller: Caller, tx: InTx) -> Contract:
    """Give up a contract that is not signed yet."""
    must_act_for(caller, await queries.contract(tx, caller, contract_id), *_EMPLOYERS)
    return await signing.cancel(tx, contract_id, "other")


@router.post("/contracts/{contract_id}/_dissolve", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def dissolve_contract(contract_id: UUID, command: Dissolve, caller: Caller, tx: InTx) -> Contract:
    """Dissolve a signed contract before it starts."""
    must_act_for(caller, await queries.contract(tx, caller, contract_id), *_EMPLOYERS)
    return await working.dissolve(tx, contract_id, command.reason)


@router.post("/contracts/{contract_id}/_suspend", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def suspend_contract(contract_id: UUID, command: Suspend, caller: Caller, tx: InTx) -> Contract:
    """Stop the work for a while; the contract stays."""
    must_act_for(caller, await queries.contract(tx, caller, contract_id), *_EMPLOYERS)
    return await working.suspend(tx, contract_id, command.reason)


@router.post("/contracts/{contract_id}/_resume", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def resume_contract(contract_id: UUID, caller: Caller, tx: InTx) -> Contract:
    """Go on with the work."""
    must_act_for(caller, await queries.contract(tx, caller, contract_id), *_EMPLOYERS)
    return await working.resume(tx, contract_id)


@router.post("/contracts/{contract_id}/_end", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def end_contract(contract_id: UUID, command: End, caller: Caller, tx: InTx) -> Contract:
    """End the work today, before its last day."""
    must_act_for(caller, await queries.contract(tx, caller, contract_id), *_EMPLOYERS)
    return await working.leave(tx, contract_id, command.reason)


@router.post("/contracts/{contract_id}/_extend", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def extend_contract(contract_id: UUID, command: Extend, caller: Caller, tx: InTx) -> Contract:
    """Propose a later end: judged like a new contract, and signed by the same parties."""
    must_act_for(caller, await queries.contract(tx, caller, contract_id), *_EMPLOYERS)
    return await judging.extend(tx, contract_id, command.ends_on)
