"""Vacancies: loaded whole, written with a version check."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION

from common.persistence.store import Store
from common.persistence.transaction import Tx
from matching.profile.model.distance import Place
from matching.vacancy import tables
from matching.vacancy.model.reach import Box
from matching.vacancy.model.vacancy import Status, Vacancy

_MICRO: Final = 1_000_000


class Vacancies(Store[Vacancy]):
    """The vacancies that matching knows."""

    async def keep(self, tx: Tx, kept: Vacancy) -> Vacancy:
        """Write what registry decided and published itself; the row must be locked."""
        row = self.dump(kept)
        await tx.execute(update(self.table).where(self.table.c.id == row.pop("id")).values(row))
        return kept

    async def searching_in(self, tx: Tx, regions: Collection[str] = ()) -> list[Vacancy]:
        """Return those whose search goes on, by id: of these regions, without any of the whole country."""
        status, region = self.table.c.status.in_((Status.OPEN, Status.WAITING)), self.table.c.facts["region"].astext
        return await self.where(tx, status, *((region.in_(regions),) if regions else ()))

    async def waiting_from(self, tx: Tx, first: date, last: date) -> Sequence[UUID]:
        """Return who waits and starts from ``first`` to ``last``, by id; who waits longest comes first."""
        columns = self.table.c
        starts_on = columns.facts["startsOn"].astext
        within = (columns.status == Status.WAITING, starts_on.between(first.isoformat(), last.isoformat()))
        query = select(columns.id).where(*within).order_by(columns.waiting_since, columns.id)
        return (await tx.execute(query)).scalars().all()

    async def some(self, tx: Tx, ids: Collection[UUID]) -> dict[UUID, Vacancy]:
        """Return these vacancies by id, as far as they are there."""
        return {each.id: each for each in await self.where(tx, self.table.c.id.in_(ids))}

    async def nearest(
        self, tx: Tx, place: Place, box: Box, subjects: Collection[str], *, at_most: int
    ) -> list[Vacancy]:
        """Return those whose search goes on in that part of the map for one of the subjects, the nearest first."""
        query = nearest(place, box, subjects, at_most=at_most)
        return [self.load(row) for row in (await tx.execute(query)).mappings()]

    async def waiting_within(self, tx: Tx, box: Box, languages: Collection[str]) -> list[Vacancy]:
        """Return those on the waiting list in that part of the map and in one of the languages, by id."""
        facts = self.table.c.facts
        latitude = cast(facts["latitude"].astext, DOUBLE_PRECISION)
        longitude = cast(facts["longitude"].astext, DOUBLE_PRECISION)
        return await self.where(
            tx,
            self.table.c.status == Status.WAITING,
            facts["language"].astext.in_(languages),
            latitude.between(box.south, box.north),
            longitude.between(box.west, box.east),
        )


vacancies: Final = Vacancies(Vacancy, tables.vacancies)


def nearest(place: Place, box: Box, subjects: Collection[str], *, at_most: int) -> Select[Any]:
    """Return the query of ``Vacancies.nearest``."""
    latitude = literal_column(tables.VACANCY_LATITUDE, DOUBLE_PRECISION)
    longitude = literal_column(tables.VACANCY_LONGITUDE, DOUBLE_PRECISION)
    north, east = place.latitude / _MICRO, place.longitude / _MICRO
    # Good enough to choose by, and cheap; the distance that counts is by road and measured later.
    apart = func.power(latitude - north, 2) + func.power((longitude - east) * math.cos(math.radians(north)), 2)
    return (
        select(tables.vacancies)
        # Written out, so that the index of those that search serves it.
        .where(text(tables.SEARCHING), literal_column(tables.VACANCY_SUBJECT, Text).in_(subjects))
        .where(latitude.between(box.south, box.north), longitude.between(box.west, box.east))
        .order_by(apart, tables.vacancies.c.id)
        .limit(at_most)
    )
