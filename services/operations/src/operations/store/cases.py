"""Cases with their steps, what links to them, and what is owed in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from common.transaction import Tx
from operations.store.tables import cases, links, open_steps, steps

OF_OPERATORS: Final = "flow/"
"""What an operator owes about a parked key; how these subjects begin."""
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
