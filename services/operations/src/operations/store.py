"""Tables: cases with their steps, what is owed in them, what links to them, and the facts that figures count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    case,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from common.tables import Plumbing
from common.transaction import Tx

metadata = MetaData()
plumbing = Plumbing.in_(metadata)

cases = Table(
    "cases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("latest_at", DateTime(timezone=True), nullable=False),
    Column("latest", Text, nullable=False, comment="name of the latest event"),
    Column("board_id", Uuid),
    Column("school_id", Uuid),
    Column("location_id", Uuid),
    Column("company_id", Uuid),
    Column("trainer_id", Uuid),
    Column("region", Text),
    Column("next_what", Text),
    Column("next_owners", ARRAY(Text)),
    Column("due_at", DateTime(timezone=True)),
    Column("open", Boolean, nullable=False),
    Index("cases_by_latest", "latest_at", "id"),
    Index("cases_due", "due_at", "id", postgresql_where=text("open")),
    Index("cases_by_region", "region", "latest_at"),
    Index("cases_by_school", "school_id", "latest_at"),
    Index("cases_by_company", "company_id", "latest_at"),
    Index("cases_by_trainer", "trainer_id", "latest_at"),
)
steps = Table(
    "steps",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, comment="business time"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, comment="when the log took it in, real time"),
    Column("service", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sequence", Integer),
    Column("cause", Uuid),
    Column("facts", JSONB, nullable=False),
    Index("steps_of_case", "case_id", "event_id"),
)
links = Table(
    "links",
    metadata,
    Column("entity_id", Uuid, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("entity_id", "case_id", "role"),
    Index("links_of_case", "case_id"),
)
open_steps = Table(
    "open_steps",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("owners", ARRAY(Text), nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("waits", Boolean, nullable=False),
    Index("open_steps_of_case", "case_id"),
)
trainers = Table(
    "trainers",
    metadata,
    Column("trainer_id", Uuid, primary_key=True),
    Column("was_trainer_before", Boolean, nullable=False, server_default="false"),
    Column("first_started_on", Date),
    Column("region", Text),
)
assignments = Table(
    "assignments",
    metadata,
    Column("assignment_id", Uuid, primary_key=True),
    Column("trainer_id", Uuid, nullable=False),
    Column("started_on", Date),
    Column("ended_on", Date),
    Column("region", Text),
    Column("school_type", Text),
    Column("form", Text),
    Index("assignments_of_trainer", "trainer_id"),
)
hours = Table(
    "hours",
    metadata,
    Column("hour_line_id", Uuid, primary_key=True),
    Column("trainer_id", Uuid, nullable=False),
    Column("worked_on", Date, nullable=False),
    Column("contact_minutes", Integer, nullable=False),
    Column("region", Text),
    Index("hours_of_trainer", "trainer_id"),
)
parked = Table(
    "parked",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("flow_key", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("consumer", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("parked_key", Text, nullable=False),
    Column("event_id", Text),
    Column("event_type", Text),
    Column("case_id", Text),
    Column("why", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="parked, ordered, or solved"),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("flow_key"),
    Index("parked_by_state", "state", "id"),
)

PARTIES: Final = ("board_id", "school_id", "location_id", "company_id", "trainer_id")


async def add_steps(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Write steps that are not there yet and return the ids of those that were new."""
    result = await tx.execute(insert(steps).on_conflict_do_nothing().returning(steps.c.event_id), list(rows))
    return {row.event_id for row in result}


async def add_links(tx: Tx, rows: Iterable[tuple[UUID, UUID, str]]) -> None:
    """Link things to cases, by the role in which an event named them."""
    values = [{"entity_id": entity, "case_id": case_id, "role": role} for entity, case_id, role in sorted(set(rows))]
    if values:
        await tx.execute(insert(links).on_conflict_do_nothing(), values)


async def touch_cases(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open cases, or bring them up to their latest event; a party that is known stays known."""
    row = insert(cases)
    newer = row.excluded.latest_at >= cases.c.latest_at
    changes: dict[str, Any] = {
        "opened_at": func.least(cases.c.opened_at, row.excluded.opened_at),
        "latest_at": func.greatest(cases.c.latest_at, row.excluded.latest_at),
        "latest": case((newer, row.excluded.latest), else_=cases.c.latest),
        # A letter about a case does not say what kind of case it is.
        "kind": case((row.excluded.kind != "other", row.excluded.kind), else_=cases.c.kind),
    }
    for name in (*PARTIES, "region"):
        changes[name] = func.coalesce(row.excluded[name], cases.c[name])
    await tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=changes), list(rows))


async def put_open_steps(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set what subjects owe; ``keeps_due`` leaves an earlier end in force."""
    for row in rows:
        values = {name: value for name, value in row.items() if name != "keeps_due"}
        new = insert(open_steps).values(values)
        changes: dict[str, Any] = {name: new.excluded[name] for name in values if name != "subject"}
        if row["keeps_due"]:
            changes["due_at"] = func.coalesce(new.excluded.due_at, open_steps.c.due_at)
        await tx.execute(new.on_conflict_do_update(index_elements=["subject"], set_=changes))


async def drop_open_steps(tx: Tx, subjects: Sequence[str]) -> None:
    """Note that subjects owe nothing any more."""
    await tx.execute(delete(open_steps).where(open_steps.c.subject.in_(subjects)))


OF_OPERATORS: Final = "flow/"
"""What an operator owes about a parked key; how these subjects begin."""


async def drop_open_steps_in(tx: Tx, case_ids: Sequence[UUID]) -> None:
    """Note that nothing is owed in these cases any more, but for what waits for an operator."""
    of_the_case = ~open_steps.c.subject.startswith(OF_OPERATORS)
    await tx.execute(delete(open_steps).where(open_steps.c.case_id.in_(case_ids), of_the_case))


async def open_steps_of(tx: Tx, case_ids: Sequence[UUID]) -> list[Any]:
    """Return what is owed in these cases."""
    query = select(open_steps).where(open_steps.c.case_id.in_(case_ids)).order_by(open_steps.c.subject)
    return list((await tx.execute(query)).all())


async def set_next(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write each case's next step, its owners and its end."""
    for row in rows:
        await tx.execute(
            update(cases)
            .where(cases.c.id == row["id"])
            .values(
                next_what=row["what"], next_owners=row["owners"], due_at=row["due_at"], open=row["what"] is not None
            )
        )


async def put_trainer(tx: Tx, trainer_id: UUID, **known: Any) -> None:
    """Keep what counts of a trainer; the first start that is told stays the first."""
    row = insert(trainers).values(trainer_id=trainer_id, **known)
    changes: dict[str, Any] = {name: row.excluded[name] for name in known}
    if "first_started_on" in known:
        changes["first_started_on"] = func.least(trainers.c.first_started_on, row.excluded.first_started_on)
        changes["region"] = func.coalesce(trainers.c.region, row.excluded.region)
    await tx.execute(row.on_conflict_do_update(index_elements=["trainer_id"], set_=changes))


async def put_assignment(tx: Tx, assignment_id: UUID, **known: Any) -> None:
    """Keep what counts of an assignment."""
    row = insert(assignments).values(assignment_id=assignment_id, **known)
    await tx.execute(
        row.on_conflict_do_update(index_elements=["assignment_id"], set_={name: row.excluded[name] for name in known})
    )


async def put_hours(tx: Tx, hour_line_id: UUID, **known: Any) -> None:
    """Keep approved minutes; a reversing line has negative ones."""
    await tx.execute(insert(hours).values(hour_line_id=hour_line_id, **known).on_conflict_do_nothing())


async def put_parked(tx: Tx, row: Mapping[str, Any]) -> None:
    """Keep the newest that was told of a parked key."""
    new = insert(parked).values(dict(row))
    kept = ("id", "flow_key", "since")
    await tx.execute(
        new.on_conflict_do_update(
            index_elements=["flow_key"], set_={name: new.excluded[name] for name in row if name not in kept}
        )
    )


async def change_parked(tx: Tx, flow_key: str, **changes: Any) -> None:
    """Note what became of a parked key."""
    await tx.execute(update(parked).where(parked.c.flow_key == flow_key).values(changes))


async def one_less_parked(tx: Tx, flow_key: str, at: datetime) -> None:
    """Note that a key's first event was passed over; it is solved when none is left behind it."""
    left = func.greatest(parked.c.waiting - 1, 0)
    state = case((left == 0, "solved"), else_="parked")
    await tx.execute(
        update(parked).where(parked.c.flow_key == flow_key).values(waiting=left, state=state, changed_at=at)
    )


async def get_parked(tx: Tx, parked_id: UUID) -> Any:
    """Return one parked key, or None."""
    return (await tx.execute(select(parked).where(parked.c.id == parked_id))).one_or_none()
