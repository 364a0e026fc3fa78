"""Cases as a caller may look them up: staff see a case as a whole, a party its own steps and nothing else of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, or_, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from common.auth import Caller, Role
from common.errors import NotFound
from common.transaction import Tx
from events.sides import sides_of
from operations.model.privacy import facts_for
from operations.store.tables import case_parties, cases, links, open_steps, steps

ALL_CASES: Final = (Role.PROGRAMME, Role.OPERATOR)
_VIEW: Final = ("opened_at", "latest_at", "latest", "next_what", "next_owners", "due_at", "open")
_MOST_RELATED: Final = 100


def case_list(
    caller: Caller,
    *,
    kind: str | None = None,
    is_open: bool | None = None,
    overdue_at: datetime | None = None,
    involving: UUID | None = None,
    region: str | None = None,
    only: Collection[UUID] | None = None,
) -> Select[Any]:
    """Return the query for a caller's cases, narrowed by what was asked.

    Each filter looks at what the caller sees of a case at that moment, never at what else there is in it.
    """
    found = _seen(caller, involving, only).subquery("seen").c
    wanted: tuple[ColumnElement[bool] | None, ...] = (
        found.kind == kind if kind else None,
        found.open == is_open if is_open is not None else None,
        found.open & (found.due_at < overdue_at) if overdue_at is not None else None,
        found.region == region if region else None,
    )
    return select(*found).where(*(condition for condition in wanted if condition is not None))


def by_latest(query: Select[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the columns that order a list: the moment of the latest step that the caller may see, and the id."""
    return query.selected_columns["latest_at"], query.selected_columns["id"]


def _seen(caller: Caller, involving: UUID | None, only: Collection[UUID] | None) -> Any:
    whole = _as_staff(caller, involving, only)
    mine = sorted(caller.parties())
    if not mine or not caller.roles.isdisjoint(ALL_CASES):
        return whole
    own = _as_party(mine, involving, only)
    if Role.DESK not in caller.roles:
        return own
    both = union_all(whole.add_columns(true().label("whole")), own.add_columns((~true()).label("whole"))).subquery()
    names = ("id", "kind", "region", *_VIEW)
    return (
        select(*(both.c[name] for name in names)).ext(distinct_on(both.c.id)).order_by(both.c.id, both.c.whole.desc())
    )


def _as_staff(caller: Caller, involving: UUID | None, only: Collection[UUID] | None) -> Select[Any]:
    query = select(cases.c.id, cases.c.kind, cases.c.region, *(cases.c[name] for name in _VIEW))
    query = query.where(caller.visible(all_for=ALL_CASES, regions=cases.c.region))
    if only is not None:
        query = query.where(cases.c.id.in_(sorted(only)))
    return query if involving is None else query.where(_involves(involving, true()))


def _as_party(mine: Collection[str], involving: UUID | None, only: Collection[UUID] | None) -> Select[Any]:
    view = case_parties.c
    query = (
        select(cases.c.id, cases.c.kind, cases.c.region, *(view[name] for name in _VIEW))
        .join(cases, cases.c.id == view.case_id)
        .where(view.party.in_(mine))
        .ext(distinct_on(cases.c.id))
        .order_by(cases.c.id, view.latest_at.desc(), view.open.desc())
    )
    if only is not None:
        query = query.where(cases.c.id.in_(sorted(only)))
    return query if involving is None else query.where(_involves(involving, links.c.seen_by.overlap(_array(mine))))


def _involves(entity: UUID, may_know: ColumnElement[bool]) -> ColumnElement[bool]:
    linked = select(links.c.case_id).where(links.c.entity_id == entity, may_know)
    return or_(cases.c.id == entity, cases.c.id.in_(linked))


def _array(mine: Collection[str]) -> ColumnElement[Any]:
    return cast(sorted(mine), ARRAY(Text))


async def one_case(tx: Tx, caller: Caller, case_id: UUID) -> dict[str, Any]:
    """Return a case with what is owed in it and the cases that it is linked to, as far as the caller may see them.

    Raises:
        NotFound: there is none that the caller may see.
    """
    row = (await tx.execute(case_list(caller, only=[case_id]))).mappings().one_or_none()
    if row is None:
        raise NotFound(what="case", id=case_id)
    whole = caller.sees(all_for=ALL_CASES, regions=row["region"])
    theirs, known = true(), true()
    if not whole:
        theirs = open_steps.c.parties.overlap(_array(caller.parties()))
        known = links.c.seen_by.overlap(_array(caller.parties()))
    owed = await tx.execute(
        select(open_steps).where(open_steps.c.case_id == case_id, theirs).order_by(open_steps.c.due_at)
    )
    return {
        **row,
        "whole": whole,
        "owed": [dict(step) for step in owed.mappings()],
        "related": await _related(tx, caller, case_id, known),
    }


async def _related(tx: Tx, caller: Caller, case_id: UUID, known: ColumnElement[bool]) -> list[dict[str, Any]]:
    linked = select(links.c.entity_id).where(links.c.case_id == case_id, known)
    linking = select(links.c.case_id).where(links.c.entity_id == case_id, known)
    ids = set((await tx.execute(linked.union(linking))).scalars()) - {case_id}
    if not ids:
        return []
    found = case_list(caller, only=ids)
    rows = await tx.execute(found.order_by(by_latest(found)[1]).limit(_MOST_RELATED))
    return [{"id": row.id, "kind": row.kind} for row in rows]


def steps_of(caller: Caller, case: Mapping[str, Any]) -> Select[Any]:
    """Return the query for the steps of a case that ``one_case`` found; their ids are in the order of recording."""
    query = select(steps).where(steps.c.case_id == case["id"])
    return query if case["whole"] else query.where(steps.c.parties.overlap(_array(caller.parties())))


def shown(caller: Caller, case: Mapping[str, Any], step: Any) -> dict[str, Any]:
    """Return a step as the caller may read it: a party without what is another side's.

    The event that caused it may be about somebody else: a party does not learn its id.
    """
    row = dict(step._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    if case["whole"]:
        return row
    sides = sides_of(caller.parties().intersection(row["parties"]))
    return {**row, "cause": None, "facts": facts_for(row["event"], row["facts"], sides)}


async def people_in(tx: Tx, case_id: UUID) -> list[UUID]:
    """Return the trainers who take part in a case."""
    query = select(case_parties.c.party).where(
        case_parties.c.case_id == case_id, case_parties.c.party.startswith("trainer=")
    )
    return [UUID(token.partition("=")[2]) for token in (await tx.execute(query)).scalars()]


async def newest_cases(
    tx: Tx, caller: Caller, *, is_open: bool | None, overdue_at: datetime | None, before: UUID | None, limit: int
) -> list[Any]:
    """Return cases for the console, the one that changed last first, from before another one on."""
    query = case_list(caller, is_open=is_open, overdue_at=overdue_at)
    latest, id_ = by_latest(query)
    if before:
        last = (await tx.execute(case_list(caller, only=[before]))).one_or_none()
        if last is not None:
            query = query.where(or_(latest < last.latest_at, (latest == last.latest_at) & (id_ < before)))
    return list((await tx.execute(query.order_by(latest.desc(), id_.desc()).limit(limit))).all())


async def all_steps(tx: Tx, caller: Caller, case: Mapping[str, Any], most: int = 1000) -> list[dict[str, Any]]:
    """Return a case's steps in order, the first ``most`` of them."""
    rows = await tx.execute(steps_of(caller, case).order_by(steps.c.event_id).limit(most))
    return [shown(caller, case, row) for row in rows]


async def newest_step(tx: Tx) -> UUID | None:
    """Return the id of the step that was recorded last: it changes whenever anything happened."""
    newest = select(steps.c.event_id).order_by(steps.c.event_id.desc()).limit(1)
    found: UUID | None = (await tx.execute(newest)).scalar_one_or_none()
    return found
