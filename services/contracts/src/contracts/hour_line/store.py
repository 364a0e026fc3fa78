"""Hour lines: loaded whole, written with a version check."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from common.caller import Caller
from common.persistence.owned import one_of, page_of_owned
from common.persistence.paging import Paged, PageRequest
from common.persistence.store import Store
from common.persistence.transaction import Tx
from contracts.authority import SEE_ALL
from contracts.hour_line import tables
from contracts.hour_line.model import hour_line
from contracts.hour_line.model.hour_line import HourLine
from events.words import TeachingRole
from rules.guest_cap import TaughtLine

hour_lines: Final = Store(HourLine, tables.hour_lines)


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


async def count_open(tx: Tx, trainer_id: UUID, contract_id: UUID) -> int:
    """Count the lines of a trainer's contract that were handed in and wait for an answer."""
    table = tables.hour_lines
    query = select(func.count()).where(
        table.c.trainer_id == trainer_id,
        table.c.contract_id == contract_id,
        table.c.status == hour_line.SUBMITTED.value,
    )
    return int((await tx.execute(query)).scalar_one())


async def reversal_of(tx: Tx, line_id: UUID) -> HourLine | None:
    """Return the line that takes this one back, if there is one."""
    found = await hour_lines.where(tx, tables.hour_lines.c.reverses == line_id)
    return found[0] if found else None


async def one(tx: Tx, caller: Caller, line_id: UUID) -> HourLine:
    """Return one line of hours.

    Raises:
        NotFound: there is none, or it is not this caller's.
    """
    return hour_lines.load(await one_of(tx, caller, tables.hour_lines, line_id, "hour line", all_for=SEE_ALL))


async def page(
    tx: Tx,
    caller: Caller,
    paging: PageRequest,
    *,
    status: hour_line.Status | None = None,
    assignment_id: UUID | None = None,
    trainer_id: UUID | None = None,
) -> Paged[HourLine]:
    """Return a page of hours, the oldest first."""
    wanted = {"status": status, "assignment_id": assignment_id, "trainer_id": trainer_id}
    return await page_of_owned(tx, caller, paging, tables.hour_lines, wanted, load=hour_lines.load, all_for=SEE_ALL)
