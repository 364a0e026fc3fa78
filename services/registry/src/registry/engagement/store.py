"""The contracts that take a vacancy's places, as `contracts` published them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Exists, Select, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from registry.engagement.model import Engagement
from registry.engagement.tables import engagements as table

_READER: Final = TypeAdapter(Engagement)


async def sign(tx: Tx, engagement: Engagement) -> None:
    """Remember a signed contract; a second time changes nothing."""
    await tx.execute(insert(table).values(asdict(engagement)).on_conflict_do_nothing())


async def end(tx: Tx, contract_id: UUID, *, ended_on: date, fell_away: bool) -> Engagement | None:
    """Remember that a contract is over; None where it was never signed."""
    ended = (
        update(table)
        .where(table.c.contract_id == contract_id)
        .values(ended_on=ended_on, fell_away=fell_away)
        .returning(table)
    )
    row = (await tx.execute(ended)).mappings().one_or_none()
    return None if row is None else _READER.validate_python(dict(row))


async def of_vacancy(tx: Tx, vacancy_id: UUID) -> list[Engagement]:
    """Return the contracts of a vacancy."""
    return await _where(tx, table.c.vacancy_id == vacancy_id)


async def of_trainer(tx: Tx, trainer_id: UUID) -> list[Engagement]:
    """Return the contracts of a trainer."""
    return await _where(tx, table.c.trainer_id == trainer_id)


def running_at(trainer_id: UUID) -> Select[tuple[UUID]]:
    """Return the query of the vacancies at which a contract of a trainer runs."""
    return select(table.c.vacancy_id).where(table.c.trainer_id == trainer_id, table.c.ended_on.is_(None))


def at_work(trainer_id: ColumnElement[UUID], since: date) -> Exists:
    """Return the condition that a contract of a trainer runs, or ran on a day or later."""
    late = table.c.ended_on.is_(None) | (table.c.ended_on >= since)
    return exists().where(table.c.trainer_id == trainer_id, late)


async def _where(tx: Tx, condition: ColumnElement[bool]) -> list[Engagement]:
    rows = await tx.execute(select(table).where(condition).order_by(table.c.contract_id))
    return [_READER.validate_python(dict(row)) for row in rows.mappings()]
