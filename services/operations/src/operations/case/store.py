"""Cases with their steps, what links to them, what is owed in them, and each party's own view of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, bindparam, case, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import Insert, insert

from common.persistence.transaction import Tx
from operations.case.tables import case_parties, cases, links, open_steps, steps

_OLDEST: Final = UUID(int=0)
"""Of rows written before it was kept which event was the latest."""
OF_OPERATORS: Final = "flow/"
"""What an operator owes about a parked key; how these subjects begin."""


async def add_steps(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Write steps that are not there yet and return the ids of those that were new."""
    result = await tx.execute(insert(steps).on_conflict_do_nothing().returning(steps.c.event_id), list(rows))
    return {row.event_id for row in result}


async def purge(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Remove closed cases whose last step was before a moment, with all that belongs to them; return how many."""
    closed = (cases.c.latest_at < before) & ~cases.c.open
    old = select(cases.c.id).where(closed).order_by(cases.c.latest_at).limit(at_most)
    # Whoever holds a case's row may write all that belongs to it; a case that is written to at this moment is not old.
    ids = list((await tx.execute(old.with_for_update(skip_locked=True))).scalars())
    if ids:
        for table in (steps, links, open_steps, case_parties):
            await tx.execute(delete(table).where(table.c.case_id.in_(ids)))
        await tx.execute(delete(cases).where(cases.c.id.in_(ids)))
    return len(ids)


async def add_links(tx: Tx, rows: Mapping[tuple[UUID, UUID, str], Iterable[str]]) -> None:
    """Link things to cases, by the role in which an event named them; who may know of it only grows."""
    values = [
        {"entity_id": entity, "case_id": case_id, "role": role, "seen_by": sorted(rows[entity, case_id, role])}
        for entity, case_id, role in sorted(rows)
    ]
    if values:
        await tx.execute(_ADD_LINKS, values)


async def upsert_cases(tx: Tx, rows: Iterable[Mapping[str, Any]]) -> None:
    """Open cases, or bring them up to their latest event, in whatever order events come.

    In the order of their ids: two workers that share cases then wait for each other instead of deadlocking. Whoever
    holds a case's row may write all that belongs to the case.
    """
    row = insert(cases)
    names_region = row.excluded.region.is_not(None) & (
        cases.c.region.is_(None) | (row.excluded.region_id >= func.coalesce(cases.c.region_id, _OLDEST))
    )
    changes: dict[str, Any] = {
        **_latest(row, cases),
        # A letter about a case does not say what kind of case it is.
        "kind": case((row.excluded.kind != "other", row.excluded.kind), else_=cases.c.kind),
        **{name: case((names_region, row.excluded[name]), else_=cases.c[name]) for name in ("region", "region_id")},
    }
    values = sorted(rows, key=lambda one: one["id"])
    await tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=changes), values)


async def touch_parties(tx: Tx, rows: Iterable[Mapping[str, Any]]) -> None:
    """Bring each party's view of a case up to the latest step that is theirs; a party of a case stays one."""
    row = insert(case_parties)
    changes = _latest(row, case_parties)
    values = sorted(rows, key=lambda one: (one["case_id"], one["party"]))
    if values:
        await tx.execute(row.on_conflict_do_update(index_elements=["case_id", "party"], set_=changes), values)


def _latest(row: Insert, table: Table) -> dict[str, Any]:
    """Return what becomes of a row that is there: of events at the same moment the one that was made last counts."""
    theirs, there = row.excluded, table.c
    newer = tuple_(theirs.latest_at, theirs.latest_id) >= tuple_(
        there.latest_at, func.coalesce(there.latest_id, _OLDEST)
    )
    return {
        "opened_at": func.least(there.opened_at, theirs.opened_at),
        **{name: case((newer, theirs[name]), else_=there[name]) for name in ("latest_at", "latest", "latest_id")},
    }


async def parties_of(tx: Tx, case_ids: Sequence[UUID]) -> list[Any]:
    """Return the views that parties have of these cases."""
    query = select(case_parties).where(case_parties.c.case_id.in_(case_ids))
    return list((await tx.execute(query.order_by(case_parties.c.case_id, case_parties.c.party))).all())


async def put_open_steps(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set what subjects owe; ``keeps_due`` leaves an earlier end in force."""
    for row in sorted(rows, key=lambda one: str(one["subject"])):
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
    """Write each case's next step, its owners and its end; rows have ``the_case`` and the columns."""
    if rows:
        await tx.execute(_NEXT_OF_CASE, list(rows))


async def set_next_of_parties(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what is next for parties; rows have ``the_case``, ``the_party`` and the columns."""
    if rows:
        await tx.execute(_NEXT_OF_PARTY, list(rows))


_NEXT: Final[dict[str, Any]] = {name: bindparam(name) for name in ("next_what", "next_owners", "due_at", "open")}
_NEXT_OF_CASE: Final = update(cases).where(cases.c.id == bindparam("the_case")).values(_NEXT)
_NEXT_OF_PARTY: Final = (
    update(case_parties)
    .where(case_parties.c.case_id == bindparam("the_case"), case_parties.c.party == bindparam("the_party"))
    .values(_NEXT)
)
_ADD_LINKS: Final = text("""
    INSERT INTO links (entity_id, case_id, role, seen_by)
    VALUES (:entity_id, :case_id, :role, CAST(:seen_by AS text[]))
    ON CONFLICT (entity_id, case_id, role) DO UPDATE
    SET seen_by = ARRAY(SELECT DISTINCT unnest(links.seen_by || excluded.seen_by) ORDER BY 1)
    WHERE NOT excluded.seen_by <@ links.seen_by
""")
