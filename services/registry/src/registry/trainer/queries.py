"""Trainers: the person's own, their company's, their region's desk's; a school's once it has a contract with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, or_, select

from common.caller import Caller, CallerRole
from common.errors import NotFound
from common.persistence.listing import Part, Window, page_of
from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from common.persistence.visibility import owned
from registry.engagement import store as engagement_store
from registry.engagement.model import Engagement
from registry.organisation import store as organisation_store
from registry.organisation.model import NotConfirmed
from registry.tables import processing_log
from registry.trainer import store
from registry.trainer.model.qualification import Qualification
from registry.trainer.model.trainer import TAKING_PART, Status, Trainer
from registry.trainer.store import qualifications, trainers
from registry.trainer.tables import erasures
from registry.trainer.tables import trainers as table
from registry.vacancy import queries as vacancy_queries

SERVICES: Final = ("registry", "matching", "contracts", "notifications", "operations")
"""Those that keep something of a person."""
MOST_PROCESSINGS: Final = 500
"""Of those who read a person's data, in one export; the rest is a list."""
_CONFIRMED: Final = or_(table.c.status.in_(sorted(TAKING_PART)), table.c.profile.is_not(None))
"""A company sees whom the person confirmed to be: the same as ``Trainer.employer_id``."""

_NOTHING_PERSONAL: Final[dict[str, Any]] = {
    "person": None,
    "profile": None,
    "vog": None,
    "consent_until": None,
    "merged_into": None,
}
"""What a company that is still pending is shown of a trainer instead."""


async def page(
    tx: Tx, caller: Caller, paging: PageRequest, *, status: Status | None, company_id: UUID | None
) -> Paged[Trainer]:
    """Return the caller's trainers, by id."""
    mine = owned(caller, trainers=table.c.id, regions=table.c.region)
    mine |= owned(caller, companies=table.c.company_id).where(_CONFIRMED)
    query = select(table)
    if status:
        query = query.where(table.c.status == status.value)
    if company_id:
        query = query.where(table.c.company_id == company_id)
    return await paging.read_each(tx, query, table.c.id, load=trainers.load, owned=mine)


async def one(tx: Tx, caller: Caller, trainer_id: UUID) -> Trainer:
    """Return a trainer.

    Raises:
        NotFound: there is none that this caller may see.
    """
    found = await own(tx, caller, trainer_id)
    if found is None:
        raise NotFound(what="trainer", id=trainer_id)
    return found


async def redact_for(tx: Tx, caller: Caller, some: Collection[Trainer]) -> list[Trainer]:
    """Leave out what an employer may not read, where the caller is the employer only.

    Why somebody left may be about the employer. A company that is still pending reads nothing personal.
    """
    pending = await with_pending_employer(tx, caller, some)
    redacted = (one if _speaks_for(caller, one) else replace(one, left_reason=None) for one in some)
    return [replace(one, **_NOTHING_PERSONAL) if one.id in pending else one for one in redacted]


async def with_pending_employer(tx: Tx, caller: Caller, some: Collection[Trainer]) -> frozenset[UUID]:
    """Return those of whom the caller is the employer only, as a company that nobody has confirmed.

    Anybody can register a company, and an applicant's client can name it.
    """
    employed = {one.id: one.company_id for one in some if one.company_id and not _speaks_for(caller, one)}
    confirmed = await organisation_store.confirmed_of(tx, set(employed.values()))
    return frozenset(id_ for id_, company_id in employed.items() if company_id not in confirmed)


async def must_be_confirmed(tx: Tx, caller: Caller, trainer: Trainer) -> Trainer:
    """Return the trainer where the caller may state something about them.

    Raises:
        NotConfirmed: the caller is their employer only, as a company that nobody has confirmed.
    """
    if await with_pending_employer(tx, caller, [trainer]):
        raise NotConfirmed
    return trainer


def _speaks_for(caller: Caller, trainer: Trainer) -> bool:
    return caller.sees(trainers=trainer.id, regions=trainer.region)


async def look_alikes(tx: Tx, caller: Caller, some: Collection[Trainer]) -> dict[UUID, tuple[UUID, ...]]:
    """Return which other records may be of the same person, as far as the caller is the desk of their region."""
    of_the_desk = [one.id for one in some if CallerRole.DESK in caller.roles and one.region in caller.regions]
    alike = await store.look_alikes(tx, of_the_desk) if of_the_desk else {}
    return {one.id: tuple(alike.get(one.id, ())) for one in some}


async def own(tx: Tx, caller: Caller, trainer_id: UUID) -> Trainer | None:
    """Return the caller's trainer, None where there is none of this id.

    Raises:
        NotFound: it is somebody else's.
    """
    found = await trainers.find(tx, trainer_id)
    if found and not caller.sees(trainers=found.id, companies=found.employer_id, regions=found.region):
        raise NotFound(what="trainer", id=trainer_id)
    return found


async def shown_to(tx: Tx, caller: Caller, trainer_id: UUID) -> Trainer:
    """Return a trainer to whom a certificate may be shown: company, desk, or a school whose contract runs.

    Raises:
        NotFound: the caller is none of these.
        NotConfirmed: the caller is a company that nobody has confirmed.
    """
    found = await trainers.find(tx, trainer_id)
    if found and caller.sees(companies=found.employer_id, regions=found.region):
        return await must_be_confirmed(tx, caller, found)
    if found and await vacancy_queries.teaches_at_mine(tx, caller, trainer_id):
        return found
    raise NotFound(what="trainer", id=trainer_id)


async def qualification(tx: Tx, caller: Caller, qualification_id: UUID) -> Qualification:
    """Return a qualification of the caller's trainer.

    Raises:
        NotFound: there is none that this caller may see.
    """
    found = await qualifications.find(tx, qualification_id)
    if found is not None:
        trainer = await trainers.get(tx, found.trainer_id)
        mine = caller.sees(trainers=trainer.id, companies=trainer.employer_id, regions=trainer.region)
        if mine and not await with_pending_employer(tx, caller, [trainer]):
            return found
    raise NotFound(what="qualification", id=qualification_id)


async def qualifications_of(tx: Tx, trainer_id: UUID) -> list[Qualification]:
    """Return what a trainer claims or holds."""
    return await store.qualifications_of(tx, trainer_id)


async def contracts_of(tx: Tx, trainer_id: UUID) -> list[Engagement]:
    """Return a trainer's signed contracts, as far as they are known here."""
    return await engagement_store.of_trainer(tx, trainer_id)


async def erasure(tx: Tx, trainer_id: UUID) -> dict[str, Row[Any]]:
    """Return which services have scrubbed their copy, by name."""
    rows = await tx.execute(select(erasures).where(erasures.c.trainer_id == trainer_id))
    return {row.service: row for row in rows}


async def processings(tx: Tx, trainer_id: UUID) -> Sequence[Row[Any]]:
    """Return who read this person's data here, newest first: not more than a page, however often that was."""
    query = page_of([Part(_processings(trainer_id), _BY_MOMENT)], Window(MOST_PROCESSINGS, newest_first=True))
    return (await tx.execute(query)).all()


async def all_processings(tx: Tx, paging: PageRequest, trainer_id: UUID) -> Paged[Row[Any]]:
    """Return a page of who read this person's data here, newest first."""
    return await paging.read(tx, _processings(trainer_id), *_BY_MOMENT, newest_first=True)


def _processings(trainer_id: UUID) -> Select[Any]:
    return select(processing_log).where(processing_log.c.data_subject_id == str(trainer_id))


_BY_MOMENT: Final = (processing_log.c.start_time, processing_log.c.id)
