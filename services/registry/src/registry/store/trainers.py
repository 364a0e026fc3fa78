"""Trainers and their qualifications."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import update

from common.store import Store
from common.transaction import Tx
from registry.model.qualification import Qualification
from registry.model.trainer import Trainer
from registry.store.tables import qualifications as qualification_table
from registry.store.tables import trainers as trainer_table

trainers: Final = Store(Trainer, trainer_table)
qualifications: Final = Store(Qualification, qualification_table)


async def qualifications_of(tx: Tx, trainer_id: UUID) -> list[Qualification]:
    """Return what a trainer claims or holds, oldest first."""
    return await qualifications.where(tx, qualification_table.c.trainer_id == trainer_id)


async def scrub_qualifications(tx: Tx, trainer_id: UUID) -> int:
    """Forget what evidence somebody handed in and who checked it; return of how many qualifications."""
    scrubbed = (
        update(qualification_table)
        .where(qualification_table.c.trainer_id == trainer_id)
        .values(evidence=None, verified_by=None)
    )
    return (await tx.execute(scrubbed)).rowcount


async def in_areas(tx: Tx, areas: Collection[str]) -> list[Trainer]:
    """Return those who live in one of these postcode areas."""
    return await trainers.where(tx, trainer_table.c.place["postcode_area"].astext.in_(sorted(areas)))
