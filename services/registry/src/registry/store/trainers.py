"""Trainers and their qualifications."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from common.store import Store
from common.transaction import Tx
from registry.model.qualification import Qualification
from registry.model.trainer import LEFT, Trainer
from registry.store.tables import engagements as engagement_table
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


async def forget_vogs(tx: Tx, before: date) -> int:
    """Forget the certificates of who left, and whose last contract ended, before a day; return how many."""
    work = select(engagement_table.c.contract_id).where(
        engagement_table.c.trainer_id == trainer_table.c.id,
        engagement_table.c.ended_on.is_(None) | (engagement_table.c.ended_on >= before),
    )
    gone = update(trainer_table).where(
        trainer_table.c.status == LEFT,
        trainer_table.c.left_on < before,
        trainer_table.c.vog.is_not(None),
        ~work.exists(),
    )
    return (await tx.execute(gone.values(vog=None))).rowcount


async def in_areas(tx: Tx, areas: Collection[str]) -> list[Trainer]:
    """Return those who live in one of these postcode areas."""
    return await trainers.where(tx, trainer_table.c.place["postcode_area"].astext.in_(sorted(areas)))
