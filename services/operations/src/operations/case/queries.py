"""Cases as a caller may look them up: staff see a case as a whole, a party its own steps and nothing else of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    Uuid,
    cast,
    exists,
    literal,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from common.caller import Caller, CallerRole
from common.errors import NotFound
from common.persistence.listing import Part, Window, owned_by, page_of
from common.persistence.transaction import Tx
from common.persistence.visibility import owned
from events.sides import sides_of
from operations.case.model.privacy import facts_for
from operations.case.tables import case_parties, cases, links, open_steps, steps

ALL_CASES: Final = (CallerRole.PROGRAMME, CallerRole.OPERATOR)
_VIEW: Final = ("opened_at", "latest_at", "latest", "next_what", "next_owners", "due_at", "open")
_MOST_RELATED: Final = 100
_MOST_LINKING: Final = 1000
"""Cases in which an organisation takes part that are looked at for those that the caller may see."""


def case_list(
    caller: Caller,
    *,
    kind: str | None = None,
    is_open: bool | None = None,
    overdue_at: datetime | None = None,
    involving: UUID | None = None,
    region: str | None = None,
    only: Collection[UUID] | None = None,
) -> list[Part]:
    """Return the parts of a caller's list of cases, by the latest step that they see, narrowed by what was asked.

    Staff see cases as a whole, a party sees its own view of them; a desk that is a party as well sees the whole where
    it may. Each filter looks at what the caller sees of a case at that moment, never at what else there is in it.
    """

    def wanted(view: Any, id_: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
        if kind:
            yield cases.c.kind == kind
        if is_open is not None:
            yield view.open == is_open
        if overdue_at is not None:
            yield view.open & (view.due_at < overdue_at)
        if region:
            yield cases.c.region == region
        if only is not None:
            yield id_.in_(sorted(only))

    parts = []
    mine = sorted(caller.parties())
    if not mine or not caller.roles.isdisjoint({*ALL_CASES, CallerRole.DESK}):
        part = _as_staff(caller, involving)
        parts.append(replace(part, query=part.query.where(*wanted(cases.c, cases.c.id))))
    if mine and caller.roles.isdisjoint(ALL_CASES):
        part = _as_party(caller, mine, involving)
        parts.append(replace(part, query=part.query.where(*wanted(case_parties.c, case_parties.c.case_id))))
    return parts


def _as_staff(caller: Caller, involving: UUID | None) -> Part:
    query = select(cases.c.id, cases.c.kind, cases.c.region, *(cases.c[name] for name in _VIEW))
    if involving is not None:
        query = query.where(cases.c.id.in_(_involving(involving, true())))
    by = (cases.c.latest_at, cases.c.id)
    return Part(query, by, owned(caller, all_for=ALL_CASES, regions=cases.c.region))


def _as_party(caller: Caller, mine: Sequence[str], involving: UUID | None) -> Part:
    view, better = case_parties.c, case_parties.alias("better")
    id_ = view.case_id.label("id")
    query = select(id_, cases.c.kind, cases.c.region, *(view[name] for name in _VIEW))
    query = query.join(cases, cases.c.id == view.case_id).where(view.party.in_(mine))
    if len(mine) > 1:
        # Who is several parties of a case sees it once: what is newest to them.
        newer = tuple_(better.c.latest_at, better.c.open, better.c.party) > tuple_(
            view.latest_at, view.open, view.party
        )
        query = query.where(~exists().where(better.c.case_id == view.case_id, better.c.party.in_(mine), newer))
    if CallerRole.DESK in caller.roles and caller.regions:
        query = query.where(cases.c.region.in_(sorted(caller.regions)).is_not(true()))
    if involving is not None:
        query = query.where(view.case_id.in_(_involving(involving, links.c.seen_by.overlap(_array(mine)))))
    return Part(query, (view.latest_at, id_), owned_by(view.party, mine))


def _involving(entity: UUID, may_know: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Return the ids of the cases in which something takes part, and of its own."""
    return union(select(literal(entity, Uuid)), select(links.c.case_id).where(links.c.entity_id == entity, may_know))


def _array(mine: Collection[str]) -> ColumnElement[Any]:
    return cast(sorted(mine), ARRAY(Text))


async def one_case(tx: Tx, caller: Caller, case_id: UUID) -> dict[str, Any]:
    """Return a case with what is owed in it and the cases that it is linked to, as far as the caller may see them.

    Raises:
        NotFound: there is none that the caller may see.
    """
    row = (await tx.execute(page_of(case_list(caller, only=[case_id]), Window(1)))).mappings().one_or_none()
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
    linking = select(links.c.case_id).distinct().where(links.c.entity_id == case_id, known)
    some = linking.order_by(links.c.case_id).limit(_MOST_LINKING).subquery()
    ids = set((await tx.execute(linked.union(select(some)))).scalars()) - {case_id}
    if not ids:
        return []
    found = [replace(part, by=part.by[1:]) for part in case_list(caller, only=ids)]
    rows = await tx.execute(page_of(found, Window(_MOST_RELATED)))
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
    after = None
    if before:
        last = (await tx.execute(page_of(case_list(caller, only=[before]), Window(1)))).one_or_none()
        after = None if last is None else (last.latest_at, before)
    parts = case_list(caller, is_open=is_open, overdue_at=overdue_at)
    return list((await tx.execute(page_of(parts, Window(limit, after, newest_first=True)))).all())


async def all_steps(tx: Tx, caller: Caller, case: Mapping[str, Any], most: int = 1000) -> list[dict[str, Any]]:
    """Return a case's steps in order, the first ``most`` of them."""
    rows = await tx.execute(steps_of(caller, case).order_by(steps.c.event_id).limit(most))
    return [shown(caller, case, row) for row in rows]


async def newest_step(tx: Tx) -> UUID | None:
    """Return the id of the step that was recorded last: it changes whenever anything happened."""
    newest = select(steps.c.event_id).order_by(steps.c.event_id.desc()).limit(1)
    found: UUID | None = (await tx.execute(newest)).scalar_one_or_none()
    return found
