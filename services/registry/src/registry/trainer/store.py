"""Which services have scrubbed their copy of a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, join, literal_column, select, union, update
from sqlalchemy.dialects.postgresql import insert

from common.persistence.store import Store
from common.persistence.transaction import Tx
from registry.engagement import store as engagement_store
from registry.trainer.model.qualification import Qualification
from registry.trainer.model.trainer import APPLIED, LEFT, PRESENT, PROFILED, TAKING_PART, Trainer
from registry.trainer.tables import MAILBOX, SPELLING, mailbox_of
from registry.trainer.tables import erasures as table
from registry.trainer.tables import qualifications as qualification_table
from registry.trainer.tables import trainers as trainer_table


async def confirm(tx: Tx, trainer_id: UUID, service: str, *, rows: int, at: datetime) -> None:
    """Remember a service's confirmation; the first one counts."""
    row = {"trainer_id": trainer_id, "service": service, "confirmed_at": at, "rows": rows}
    await tx.execute(insert(table).values(row).on_conflict_do_nothing())


trainers: Final = Store(Trainer, trainer_table)
qualifications: Final = Store(Qualification, qualification_table)
_EMAIL: Final = func.lower(trainer_table.c.person.op("->>")("email"))


async def of_company(tx: Tx, company_id: UUID) -> list[Trainer]:
    """Return the trainers of a company that others see a profile of, by id."""
    mine = trainer_table.c.company_id == company_id
    return await trainers.where(tx, mine, trainer_table.c.status.in_(PROFILED))


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


async def purge_vogs(tx: Tx, before: date) -> int:
    """Forget the certificates of who left, and whose last contract ended, before a day; return how many."""
    gone = update(trainer_table).where(
        trainer_table.c.status == LEFT,
        trainer_table.c.left_on < before,
        trainer_table.c.vog.is_not(None),
        ~engagement_store.at_work(trainer_table.c.id, before),
    )
    return (await tx.execute(gone.values(vog=None))).rowcount


async def lock_address(tx: Tx, address: str) -> None:
    """Confirm one record with a mailbox at a time: whoever comes second then sees the first."""
    what = f"hto address {mailbox_of(address)}"
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


async def is_taking_part(tx: Tx, address: str, *, besides: UUID) -> bool:
    """Whether another trainer takes part under this mail address."""
    same = select(trainer_table.c.id).where(
        func.lower(address) == _EMAIL, trainer_table.c.id != besides, trainer_table.c.status.in_(sorted(TAKING_PART))
    )
    return (await tx.execute(same.limit(1))).first() is not None


async def count_open_applications(tx: Tx, address: str) -> int:
    """Count the applications whose letters come into this mailbox, and that wait for their confirmation."""
    here = literal_column(MAILBOX.format("trainers.person")) == mailbox_of(address)
    waiting = (here, trainer_table.c.status == APPLIED)
    return int((await tx.execute(select(func.count()).select_from(trainer_table).where(*waiting))).scalar_one())


async def look_alikes(tx: Tx, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Return who is present and may be the same person as each of these: same mailbox, or same name and postcode."""
    one, other = trainer_table.alias("one"), trainer_table.alias("other")
    ways: list[list[ColumnElement[str]]] = [
        [literal_column(way.format(f"{each.name}.person")) for each in (one, other)] for way in (MAILBOX, SPELLING)
    ]
    present = sorted(PRESENT)
    both = (one.c.id.in_(list(ids)), one.c.id != other.c.id, one.c.status.in_(present), other.c.status.in_(present))
    by_address, by_name = (
        select(one.c.id, other.c.id.label("alike")).select_from(join(one, other, mine == theirs)).where(*both)
        for mine, theirs in ways
    )
    at_home = one.c.person["postcode"].astext == other.c.person["postcode"].astext
    found: dict[UUID, list[UUID]] = {id_: [] for id_ in ids}
    pairs = union(by_address, by_name.where(at_home)).order_by("alike")
    for pair in await tx.execute(pairs):
        found[pair.id].append(pair.alike)
    return found


async def in_areas(tx: Tx, areas: Collection[str]) -> list[Trainer]:
    """Return those who live in one of these postcode areas."""
    return await trainers.where(tx, trainer_table.c.place["postcode_area"].astext.in_(sorted(areas)))
