"""What can be looked up: SQL straight to a view, and only what the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Table, select

from common.caller import Caller, CallerRole
from common.errors import NotFound
from common.persistence.listing import Owned
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from common.persistence.visibility import owned
from contracts.model import assignment, hour_line
from contracts.model.assignment import Assignment
from contracts.model.contract import Contract
from contracts.model.contract import Status as ContractStatus
from contracts.model.hour_line import HourLine
from contracts.reference.wording import Language, Names, render
from contracts.store import assignments, contracts, copies, hour_lines, tables
from events.words import Party

_SEE_ALL: Final = (CallerRole.PROGRAMME,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentText:
    """One version of a contract's document, to be read."""

    contract_id: UUID
    trainer_id: UUID
    document_version: int
    document_hash: str
    language: Language
    clauses: dict[str, Any]
    text: str


async def contract(tx: Tx, caller: Caller, contract_id: UUID) -> Contract:
    """Return one contract.

    Raises:
        NotFound: there is none, or it is not this caller's.
    """
    return contracts.load(await _one(tx, caller, tables.contracts, contract_id, "contract"))


async def all_contracts(
    tx: Tx,
    caller: Caller,
    paging: PageRequest,
    *,
    status: ContractStatus | None = None,
    vacancy_id: UUID | None = None,
    trainer_id: UUID | None = None,
) -> Paged[Contract]:
    """Return a page of contracts, the oldest first."""
    table = tables.contracts
    query = _filtered(select(table), table, status=status, vacancy_id=vacancy_id, trainer_id=trainer_id)
    return await paging.read_each(tx, query, table.c.id, load=contracts.load, owned=_owned(caller, table))


async def assignment_(tx: Tx, caller: Caller, assignment_id: UUID) -> Assignment:
    """Return one assignment.

    Raises:
        NotFound: there is none, or it is not this caller's.
    """
    return assignments.load(await _one(tx, caller, tables.assignments, assignment_id, "assignment"))


async def all_assignments(
    tx: Tx,
    caller: Caller,
    paging: PageRequest,
    *,
    status: assignment.Status | None = None,
    contract_id: UUID | None = None,
    trainer_id: UUID | None = None,
) -> Paged[Assignment]:
    """Return a page of assignments, the oldest first."""
    table = tables.assignments
    query = _filtered(select(table), table, status=status, contract_id=contract_id, trainer_id=trainer_id)
    return await paging.read_each(tx, query, table.c.id, load=assignments.load, owned=_owned(caller, table))


async def hour_line_(tx: Tx, caller: Caller, line_id: UUID) -> HourLine:
    """Return one line of hours.

    Raises:
        NotFound: there is none, or it is not this caller's.
    """
    return hour_lines.load(await _one(tx, caller, tables.hour_lines, line_id, "hour line"))


async def all_hours(
    tx: Tx,
    caller: Caller,
    paging: PageRequest,
    *,
    status: hour_line.Status | None = None,
    assignment_id: UUID | None = None,
    trainer_id: UUID | None = None,
) -> Paged[HourLine]:
    """Return a page of hours, the oldest first."""
    table = tables.hour_lines
    query = _filtered(select(table), table, status=status, assignment_id=assignment_id, trainer_id=trainer_id)
    return await paging.read_each(tx, query, table.c.id, load=hour_lines.load, owned=_owned(caller, table))


async def decisions(tx: Tx, paging: PageRequest, contract_id: UUID) -> Paged[Any]:
    """Return a page of what was decided about a contract, with the facts and every reason."""
    table = tables.decisions
    return await paging.read(tx, select(table).where(table.c.contract_id == contract_id), table.c.id)


async def document(tx: Tx, contract_: Contract, version: int | None, language: Language) -> DocumentText:
    """Return a version of a contract's document, by default the newest, with the names as they are today.

    Raises:
        NotFound: there is no such version.
    """
    table = tables.documents
    number = contract_.documents if version is None else version
    query = select(table).where(table.c.contract_id == contract_.id, table.c.version == number)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(what="document", id=f"{contract_.id} version {number}")
    return DocumentText(
        contract_id=contract_.id,
        trainer_id=contract_.trainer_id,
        document_version=row.version,
        document_hash=row.hash,
        language=language,
        clauses=row.clauses,
        text=render(row.clauses, await _names(tx, contract_), language),
    )


async def _names(tx: Tx, contract_: Contract) -> Names:
    ids = {Party.TRAINER: contract_.trainer_id, Party.SCHOOL: contract_.school_id, Party.COMPANY: contract_.company_id}
    known = await copies.contacts.find_all(tx, [id_ for id_ in (*ids.values(), contract_.board_id) if id_ is not None])
    names = {party: known[id_] for party, id_ in ids.items() if id_ in known}
    if Party.SCHOOL not in names and contract_.board_id in known:
        names[Party.SCHOOL] = known[contract_.board_id]
    return names


def _owned(caller: Caller, table: Table) -> Owned:
    return owned(
        caller,
        all_for=_SEE_ALL,
        boards=table.c.board_id,
        schools=table.c.school_id,
        locations=table.c.location_id,
        companies=table.c.company_id,
        trainers=table.c.trainer_id,
        regions=table.c.region,
    )


def _filtered(query: Select[Any], table: Table, **wanted: Any) -> Select[Any]:
    return query.where(*(table.c[name] == value for name, value in wanted.items() if value is not None))


async def _one(tx: Tx, caller: Caller, table: Table, id_: UUID, what: str) -> Any:
    query = select(table).where(table.c.id == id_, _owned(caller, table).condition())
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound(what=what, id=id_)
    return row
