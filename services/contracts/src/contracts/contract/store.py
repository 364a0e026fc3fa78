"""Contracts, loaded whole and written with a version check; decisions and documents, which are only ever added."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, func, insert, select, update
from uuid_utils.compat import uuid7

from common.caller import Caller
from common.errors import NotFound
from common.persistence.owned import follow_region, one_of, page_of_owned
from common.persistence.paging import Paged, PageRequest
from common.persistence.store import Store
from common.persistence.transaction import Tx
from contracts.authority import SEE_ALL
from contracts.contract import tables
from contracts.contract.model.checks import Check, StoredCheck
from contracts.contract.model.contract import BOUND, LIVE, Contract, Status
from contracts.contract.model.decision import Cost, Decision
from contracts.contract.model.document import Document

_CHECKS: Final = TypeAdapter(tuple[StoredCheck, ...])
_COSTS: Final = TypeAdapter(tuple[Cost, ...])
contracts: Final = Store(Contract, tables.contracts)


async def lock_person(tx: Tx, trainer_id: UUID) -> None:
    """Judge one person's work one at a time: whoever comes second then sees what the first decided."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"hto person {trainer_id}", 0))))


async def by_proposal(tx: Tx, proposal_id: UUID) -> Contract | None:
    """Return the contract that was drafted from a proposal."""
    found = await contracts.where(tx, tables.contracts.c.proposal_id == proposal_id)
    return found[0] if found else None


async def follow(tx: Tx, regions: Mapping[UUID, str | None]) -> None:
    """Move contracts with their vacancies to another region, so that its desk can see them.

    This is no transition: nothing that was agreed changes.
    """
    await follow_region(tx, tables.contracts, tables.contracts.c.vacancy_id, regions)


async def other_work(tx: Tx, contract: Contract) -> tuple[Contract, ...]:
    """Return the person's other contracts that bind, did so, or may still come to."""
    found = await contracts.where(
        tx,
        tables.contracts.c.trainer_id == contract.trainer_id,
        tables.contracts.c.id != contract.id,
        tables.contracts.c.status.in_([status.value for status in BOUND | LIVE]),
    )
    return tuple(found)


async def ids_of(
    tx: Tx, *, trainer_id: UUID | None = None, vacancy_id: UUID | None = None, status: Collection[Status]
) -> list[UUID]:
    """Return the contracts of a trainer or a vacancy that are in one of these states, in a fixed order."""
    table = tables.contracts
    owner = table.c.trainer_id == trainer_id if trainer_id else table.c.vacancy_id == vacancy_id
    query = select(table.c.id).where(owner, table.c.status.in_([each.value for each in status])).order_by(table.c.id)
    return list((await tx.execute(query)).scalars())


async def decided(
    tx: Tx,
    contract: Contract,
    about: str,
    ruling: str,
    checks: Iterable[Check],
    *,
    decision: Decision | None = None,
    note: str | None = None,
) -> None:
    """Keep a decision with everything that it can be repeated from, also where it was a refusal."""
    stored = tuple(map(StoredCheck.of, checks))
    policies = (check.policy_version for check in stored)
    costs = _COSTS.dump_python((decision.vat, *decision.costs) if decision else (), mode="json")
    await tx.execute(
        insert(tables.decisions),
        {
            "id": uuid7(),
            "contract_id": contract.id,
            "trainer_id": contract.trainer_id,
            "about": about,
            "ruling": ruling,
            "made_at": tx.now,
            "policy_version": decision.policy_version if decision else max(policies, default=0),
            "checks": _CHECKS.dump_python(stored, mode="json"),
            "vat": costs[0] if costs else None,
            "costs": costs[1:],
            "note": note,
        },
    )


def read_checks(row: Mapping[str, Any] | Any) -> tuple[StoredCheck, ...]:
    """Read a decision's checks back."""
    return _CHECKS.validate_python(row["checks"], strict=False)


async def keep_document(tx: Tx, contract: Contract, document: Document) -> None:
    """Keep the clauses of one version for as long as the contract is kept."""
    await tx.execute(
        insert(tables.documents),
        {
            "contract_id": contract.id,
            "version": document.signing.version,
            "hash": document.signing.hash,
            "clauses": dict(document.clauses),
            "made_at": tx.now,
        },
    )


async def one(tx: Tx, caller: Caller, contract_id: UUID) -> Contract:
    """Return one contract.

    Raises:
        NotFound: there is none, or it is not this caller's.
    """
    return contracts.load(await one_of(tx, caller, tables.contracts, contract_id, "contract", all_for=SEE_ALL))


async def page(
    tx: Tx,
    caller: Caller,
    paging: PageRequest,
    *,
    status: Status | None = None,
    vacancy_id: UUID | None = None,
    trainer_id: UUID | None = None,
) -> Paged[Contract]:
    """Return a page of contracts, the oldest first."""
    wanted = {"status": status, "vacancy_id": vacancy_id, "trainer_id": trainer_id}
    return await page_of_owned(tx, caller, paging, tables.contracts, wanted, load=contracts.load, all_for=SEE_ALL)


async def page_of_decisions(tx: Tx, paging: PageRequest, contract_id: UUID) -> Paged[Any]:
    """Return a page of what was decided about a contract, with the facts and every reason."""
    table = tables.decisions
    return await paging.read(tx, select(table).where(table.c.contract_id == contract_id), table.c.id)


async def find_document(tx: Tx, contract_id: UUID, version: int) -> Row[Any]:
    """Return a version of a contract's document.

    Raises:
        NotFound: there is no such version.
    """
    table = tables.documents
    query = select(table).where(table.c.contract_id == contract_id, table.c.version == version)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(what="document", id=f"{contract_id} version {version}")
    return row


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Take a person out of what is kept: the certificate's dates, what was missing at the start, what others wrote.

    Returns how many rows that were. Ids, codes, minutes and money stay, so that no figure changes and every other
    outcome can still be repeated.
    """
    table, held = tables.decisions, tables.contracts
    rows = (await tx.execute(select(table).where(table.c.trainer_id == trainer_id))).mappings().all()
    for row in rows:
        checks = [_without_dates(check) for check in row["checks"]]
        await tx.execute(update(table).where(table.c.id == row["id"]).values(checks=checks, note=None))
    waited = update(held).where(held.c.trainer_id == trainer_id, held.c.held != []).values(held=[])
    return len(rows) + (await tx.execute(waited)).rowcount


_PERSONAL: Final = frozenset({"vog", "vog_at_start"})
"""The checks whose facts say something of a person that is no code, minute or amount."""


def _without_dates(check: dict[str, Any]) -> dict[str, Any]:
    if check["name"] not in _PERSONAL:
        return check
    return {**check, "facts": {}, "findings": [{**finding, "measured": None} for finding in check["findings"]]}
