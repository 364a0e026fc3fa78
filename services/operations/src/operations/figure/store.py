"""The facts that figures count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from operations.figure.tables import assignments, bottlenecks, hours, trainers


async def put_trainer(tx: Tx, trainer_id: UUID, **known: Any) -> None:
    """Keep what counts of a trainer, in whatever order it comes: the region is that of the earliest start."""
    row = insert(trainers).values(trainer_id=trainer_id, **known)
    changes: dict[str, Any] = {name: row.excluded[name] for name in known}
    if "first_started_on" in known:
        changes["first_started_on"] = func.least(trainers.c.first_started_on, row.excluded.first_started_on)
        earlier = tuple_(row.excluded.first_started_on, row.excluded.region) < tuple_(
            trainers.c.first_started_on, trainers.c.region
        )
        changes["region"] = case((earlier | trainers.c.region.is_(None), row.excluded.region), else_=trainers.c.region)
    await tx.execute(row.on_conflict_do_update(index_elements=["trainer_id"], set_=changes))


async def put_assignment(tx: Tx, assignment_id: UUID, **known: Any) -> None:
    """Keep what counts of an assignment."""
    row = insert(assignments).values(assignment_id=assignment_id, **known)
    await tx.execute(
        row.on_conflict_do_update(index_elements=["assignment_id"], set_={name: row.excluded[name] for name in known})
    )


async def put_bottlenecks(tx: Tx, reported: Mapping[UUID, tuple[str, str | None]]) -> None:
    """Keep item and region of reported bottlenecks, by the id of the report, once."""
    if not reported:
        return
    rows = [{"report_id": id_, "item": reported[id_][0], "region": reported[id_][1]} for id_ in sorted(reported)]
    await tx.execute(insert(bottlenecks).on_conflict_do_nothing(), rows)


async def put_hours(tx: Tx, hour_line_id: UUID, **known: Any) -> None:
    """Keep approved minutes, once, and add them to the trainer's; a reversing line has negative ones."""
    new = insert(hours).values(hour_line_id=hour_line_id, **known).on_conflict_do_nothing()
    added = new.returning(hours.c.trainer_id, hours.c.contact_minutes).cte("added")
    row = insert(trainers).from_select(["trainer_id", "approved_minutes"], select(added))
    total = trainers.c.approved_minutes + row.excluded.approved_minutes
    await tx.execute(row.on_conflict_do_update(index_elements=["trainer_id"], set_={"approved_minutes": total}))
