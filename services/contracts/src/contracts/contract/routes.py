"""Contracts: read, signed, and given up before they begin."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from common.caller import FOR_COMPANIES, FOR_SCHOOLS, PARTIES
from common.persistence.paging import Paged
from common.web import Caller, Command, InTx, Page, Paging, Router, creates_resource, roles, scope
from contracts.authority import must_act_for, was_read
from contracts.contract import store, usecases
from contracts.contract.model.checks import OF_THE_DEAL
from contracts.contract.model.contract import Contract, Status
from contracts.contract.model.items import open_items
from contracts.contract.model.plain import camel_keys
from contracts.contract.usecases import DocumentText
from contracts.contract.views import CompletenessView, ContractView, DecisionView, DocumentView
from contracts.contract.wording import Language
from events.words import Party

router = Router(tags=["Contracts"])
_READ = [scope("contracts:read")]
_BY_A_PARTY = [scope("contracts:write"), roles(*PARTIES)]
_BY_AN_EMPLOYER = [scope("contracts:write"), roles(*FOR_SCHOOLS, *FOR_COMPANIES)]


class Sign(Command):
    """Sign the version that has this hash."""

    document_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Dissolve(Command):
    """End what was signed and cannot begin; by agreement it ends as one that has begun does."""

    reason: Literal["vog_not_shown"]


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
    page = await store.page(tx, caller, paging, status=status, vacancy_id=vacancy_id, trainer_id=trainer_id)
    await was_read(tx, caller, *page.items)
    return Paged([usecases.redact_for(caller, each) for each in page.items], page.next_cursor)


@router.get("/contracts/{contract_id}", response_model=ContractView, dependencies=_READ)
async def show_contract(contract_id: UUID, caller: Caller, tx: InTx) -> Contract:
    """Show one contract, with the newest decision about it and what every feasible form would cost."""
    contract = await store.one(tx, caller, contract_id)
    await was_read(tx, caller, contract)
    return usecases.redact_for(caller, contract)


@router.get("/contracts/{contract_id}/document", response_model=DocumentView, dependencies=_READ)
async def show_document(
    contract_id: UUID,
    caller: Caller,
    tx: InTx,
    lang: Annotated[Language, Query(description="In which language the text is.")] = "nl",
    document_version: Annotated[int | None, Query(ge=1, le=10_000, description="By default the newest.")] = None,
) -> DocumentText:
    """Show a version of the document: the clauses that are signed, and the text to read."""
    contract = await store.one(tx, caller, contract_id)
    await was_read(tx, caller, contract)
    return await usecases.document(tx, contract, document_version, lang)


@router.get("/contracts/{contract_id}/completeness", response_model=CompletenessView, dependencies=_READ)
async def show_completeness(contract_id: UUID, caller: Caller, tx: InTx) -> dict[str, Any]:
    """Show which items law and collective agreement ask of this agreement, which are missing, and from whom."""
    contract = await store.one(tx, caller, contract_id)
    await was_read(tx, caller, contract)
    return open_items(contract, await tx.policies())


@router.get("/contracts/{contract_id}/decisions", response_model=Page[DecisionView], dependencies=_READ)
async def list_decisions(contract_id: UUID, caller: Caller, tx: InTx, paging: Paging) -> Paged[dict[str, Any]]:
    """List what was decided about a contract, each with the facts and reasons to repeat it.

    Where else a trainer works, and what they hold, is shown to the trainer, the desk and the programme.
    """
    contract = await store.one(tx, caller, contract_id)
    await was_read(tx, caller, contract)
    page = await store.page_of_decisions(tx, paging, contract_id)
    whole = usecases.sees_the_person(caller, contract)
    return Paged([_as_seen(dict(row._mapping), whole=whole) for row in page.items], page.next_cursor)  # noqa: SLF001 - Row's public name


def _as_seen(decision: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    checks = [
        check if whole or check["name"] in OF_THE_DEAL else {**check, "facts": None} for check in decision["checks"]
    ]
    seen: dict[str, Any] = camel_keys({**decision, "checks": checks})
    return seen


@router.put(
    "/contracts/{contract_id}/signatures/{party}",
    response_model=ContractView,
    dependencies=[*_BY_A_PARTY, creates_resource()],
)
async def sign_contract(contract_id: UUID, party: Party, command: Sign, caller: Caller, tx: InTx) -> Contract:
    """Sign for a party; the last mandatory signature makes the contract binding."""
    must_act_for(caller, await store.one(tx, caller, contract_id), party)
    return await usecases.sign(tx, contract_id, party, command.document_hash)


@router.post("/contracts/{contract_id}/_refuse", response_model=ContractView, dependencies=_BY_A_PARTY)
async def refuse_contract(contract_id: UUID, caller: Caller, tx: InTx) -> Contract:
    """Refuse to sign, as one of the parties: the contract is cancelled."""
    contract = await store.one(tx, caller, contract_id)
    must_act_for(caller, contract, *await usecases.signatories(tx, contract))
    return await usecases.cancel(tx, contract_id, "party_refused")


@router.post("/contracts/{contract_id}/_cancel", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def cancel_contract(contract_id: UUID, caller: Caller, tx: InTx) -> Contract:
    """Give up a contract that is not signed yet, as an employer that would sign it."""
    contract = await store.one(tx, caller, contract_id)
    await usecases.must_employ_by_signing(tx, caller, contract)
    return await usecases.cancel(tx, contract_id, "other")


@router.post("/contracts/{contract_id}/_dissolve", response_model=ContractView, dependencies=_BY_AN_EMPLOYER)
async def dissolve_contract(contract_id: UUID, command: Dissolve, caller: Caller, tx: InTx) -> Contract:
    """Dissolve a signed contract whose first day has come without a certificate of conduct, as its employer."""
    contract = await store.one(tx, caller, contract_id)
    await usecases.must_employ(tx, caller, contract)
    return await usecases.dissolve_for_vog(tx, contract_id, command.reason)
