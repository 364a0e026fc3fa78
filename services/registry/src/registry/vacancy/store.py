"""Vacancies."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from common.persistence.store import Store
from common.persistence.transaction import Tx
from registry.vacancy.model.vacancy import Vacancy
from registry.vacancy.tables import vacancies as table

vacancies: Final = Store(Vacancy, table)


async def at(tx: Tx, location_ids: Collection[UUID]) -> list[Vacancy]:
    """Return the vacancies at these locations, by id, locked until this transaction ends."""
    query = table.select().where(table.c.location_id.in_(sorted(location_ids))).order_by(table.c.id).with_for_update()
    return [vacancies.load(row) for row in (await tx.execute(query)).mappings()]
