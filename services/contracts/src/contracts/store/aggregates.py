"""Contracts, assignments and hour lines: loaded whole, written with a version check; and the lock of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from common.persistence.store import Store
from common.persistence.transaction import Tx
from contracts.model import hour_line
from contracts.model.assignment import Assignment
from contracts.model.contract import BOUND, LIVE, Contract, Status
from contracts.model.copies import Vacancy
from contracts.model.hour_line import HourLine
from contracts.store import tables
from events.words import TeachingRole
from rules.guest_cap import TaughtLine

contracts: Final = Store(Contract, tables.contracts)
assignments: Final = Store(Assignment, tables.assignments)
hour_lines: Final = Store(HourLine, tables.hour_lines)


async def lock_person(tx: Tx, trainer_id: UUID) -> None:
    """Judge one person's work one at a time: whoever comes second then sees what the first decided."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"hto person {trainer_id}", 0))))


async def by_proposal(tx: Tx, proposal_id: UUID) -> Contract | None:
    """Return the contract that was drafted from a proposal."""
    found = await contracts.where(tx, tables.contracts.c.proposal_id == proposal_id)
    return found[0] if found else None


async def follow(tx: Tx, vacancies: Iterable[Vacancy]) -> None:
    """Move contracts and assignments with their vacancies to another region, so that its desk can see them.

    This is no transition: nothing that was agreed changes. Hours stay in the region in which they were taught.
    """
    regions = {vacancy.id: vacancy.region for vacancy in vacancies}
    for vacancy_id, region in sorted(regions.items()):
        for table in (tables.contracts, tables.assignments):
            moved = (table.c.vacancy_id == vacancy_id, table.c.region.is_distinct_from(region))
            await tx.execute(update(table).where(*moved).values(region=region))


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


async def assignment_of(tx: Tx, contract_id: UUID) -> Assignment:
    """Return the work under a contract that started, locked."""
    query = select(tables.assignments.c.id).where(tables.assignments.c.contract_id == contract_id)
    return await assignments.get(tx, (await tx.execute(query)).scalar_one(), lock=True)


async def taught_by(tx: Tx, trainer_id: UUID, role: TeachingRole) -> tuple[TaughtLine, ...]:
    """Return the contact minutes that were approved for a person in a role, at every board, by day and board."""
    table = tables.hour_lines
    total = func.sum(table.c.contact_minutes).label("minutes")
    query = (
        select(table.c.worked_on, table.c.board_id, total)
        .where(
            table.c.trainer_id == trainer_id,
            table.c.role == role.value,
            table.c.status == hour_line.APPROVED.value,
        )
        .group_by(table.c.worked_on, table.c.board_id)
        .order_by(table.c.worked_on, table.c.board_id)
    )
    rows = await tx.execute(query)
    return tuple(TaughtLine(day=row.worked_on, minutes=int(row.minutes), board=str(row.board_id)) for row in rows)


async def hours_of_day(tx: Tx, line: HourLine) -> list[HourLine]:
    """Return the person's other lines of that day that count or may come to, over all assignments."""
    table = tables.hour_lines
    taken_back = select(table.c.reverses).where(table.c.trainer_id == line.trainer_id, table.c.reverses.is_not(None))
    return await hour_lines.where(
        tx,
        table.c.trainer_id == line.trainer_id,
        table.c.worked_on == line.worked_on,
        table.c.id != line.id,
        table.c.status.in_([hour_line.SUBMITTED.value, hour_line.APPROVED.value]),
        table.c.reverses.is_(None),
        table.c.id.not_in(taken_back),
    )


async def reversal_of(tx: Tx, line_id: UUID) -> HourLine | None:
    """Return the line that takes this one back, if there is one."""
    found = await hour_lines.where(tx, tables.hour_lines.c.reverses == line_id)
    return found[0] if found else None
