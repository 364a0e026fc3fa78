"""Plans and their assignments."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, update

from common.clock import beginning_of, end_of
from common.persistence.transaction import Tx
from matching.plan.model.details import Details
from matching.plan.model.run import PlanRun
from matching.plan.store.runs import RunRows, RunStore
from matching.plan.tables import plan_assignments, plan_documents, plan_openings, plan_runs, plans

QUEUE: Final = "matching.plans"
_CHUNK: Final = 1000
_ASSIGNMENTS: Final = plan_assignments.c
_ONE_WAVE_AT_A_TIME: Final = select(func.pg_try_advisory_xact_lock(func.hashtext("matching plan wave")))

runs: Final = RunRows(plan_runs, QUEUE)


class Plans(RunStore[PlanRun]):
    """The plans, requested and over."""

    async def open_for(self, tx: Tx, regions: Sequence[str]) -> PlanRun | None:
        """Return the plan for these very regions that is still to be computed."""
        found = await self.where(tx, plans.c.regions == list(regions), plans.c.status.in_(("requested", "running")))
        return found[0] if found else None

    async def has_of_day(self, tx: Tx, day: date) -> bool:
        """Whether matching itself made a plan on a day, or makes it."""
        requested = plans.c.requested_at
        that_day = (requested >= beginning_of(day), requested < end_of(day))
        query = select(plans.c.id).where(plans.c.by == "matching", *that_day).limit(1)
        return (await tx.execute(query)).first() is not None


store: Final = Plans(PlanRun, plans)


async def take_the_turn(tx: Tx) -> bool:
    """Take the one turn that there is to publish a wave, until this transaction ends; False where another has it."""
    return bool((await tx.execute(_ONE_WAVE_AT_A_TIME)).scalar_one())


async def add_result(tx: Tx, plan_id: UUID, document: bytes, found: Details) -> None:
    """Store what was computed."""
    await tx.execute(insert(plan_documents).values(plan_id=plan_id, document=document))
    assigned = [{"plan_id": plan_id, "lot": _lot(), **asdict(each)} for each in found.assigned]
    planned = [{"plan_id": plan_id, **asdict(each)} for each in found.planned]
    for table, rows in ((plan_assignments, assigned), (plan_openings, planned)):
        for start in range(0, len(rows), _CHUNK):
            await tx.execute(insert(table), rows[start : start + _CHUNK])


async def document_of(tx: Tx, plan_id: UUID) -> bytes | None:
    """Return the plan as canonical JSON, with the prices that prove its bound."""
    query = select(plan_documents.c.document).where(plan_documents.c.plan_id == plan_id)
    return (await tx.execute(query)).scalar_one_or_none()


def assignments(plan_id: UUID, vacancy_id: UUID | None = None) -> Select[Any]:
    """Return the query of a plan's assignments, those in reserve included."""
    query = select(plan_assignments).where(_ASSIGNMENTS.plan_id == plan_id)
    return query if vacancy_id is None else query.where(_ASSIGNMENTS.vacancy_id == vacancy_id)


async def chosen(tx: Tx, plan_id: UUID) -> dict[tuple[UUID, UUID], Mapping[str, Any]]:
    """Return what a plan chose, by vacancy and trainer."""
    rows = await tx.execute(assignments(plan_id).where(_ASSIGNMENTS.place == 0))
    return {(row["vacancy_id"], row["trainer_id"]): dict(row) for row in rows.mappings()}


async def to_propose(tx: Tx, plan_id: UUID) -> list[Mapping[str, Any]]:
    """Return what was chosen and is not proposed yet: first what no wave has tried, the surest and best first."""
    left = assignments(plan_id).where(_ASSIGNMENTS.place == 0, _ASSIGNMENTS.proposal_id.is_(None))
    order = (_ASSIGNMENTS.wave.asc().nulls_first(), (_ASSIGNMENTS.chance * (10_000 + _ASSIGNMENTS.score)).desc())
    return [*(await tx.execute(left.order_by(*order, _ASSIGNMENTS.lot))).mappings()]


async def note_tried(
    tx: Tx, row: Mapping[str, Any], wave: int, *, proposal_id: UUID | None = None, skipped: str | None = None
) -> None:
    """Note what a wave made of an assignment."""
    which = (
        _ASSIGNMENTS.plan_id == row["plan_id"],
        _ASSIGNMENTS.vacancy_id == row["vacancy_id"],
        _ASSIGNMENTS.lot == row["lot"],
    )
    tried = {"wave": wave, "proposal_id": proposal_id, "skipped": skipped}
    await tx.execute(update(plan_assignments).where(*which).values(tried))


async def erase(tx: Tx, trainer_id: UUID) -> int:
    """Remove a trainer who was erased from every plan's assignments; return how many there were."""
    return (await tx.execute(delete(plan_assignments).where(_ASSIGNMENTS.trainer_id == trainer_id))).rowcount


def _lot() -> UUID:
    return UUID(bytes=secrets.token_bytes(16), version=4)
