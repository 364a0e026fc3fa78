"""What can be looked up: cases, their steps, figures, parked events."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from common.auth import Caller, Role
from common.errors import NotFound
from common.transaction import Tx
from operations.model.figures import Figures, TrainerFacts, figures
from operations.store.tables import assignments, cases, hours, links, open_steps, parked, steps, trainers

ALL_CASES = (Role.PROGRAMME, Role.OPERATOR)


def visible(caller: Caller) -> ColumnElement[bool]:
    """Return the condition under which a case is this caller's to see."""
    return caller.visible(
        all_for=ALL_CASES,
        boards=cases.c.board_id,
        schools=cases.c.school_id,
        locations=cases.c.location_id,
        companies=cases.c.company_id,
        trainers=cases.c.trainer_id,
        regions=cases.c.region,
    )


def case_list(
    caller: Caller,
    *,
    kind: str | None,
    is_open: bool | None,
    overdue_at: Any | None,
    involving: UUID | None,
    region: str | None,
) -> Select[Any]:
    """Return the query for a caller's cases, narrowed by what was asked."""
    query = select(cases).where(visible(caller))
    if kind:
        query = query.where(cases.c.kind == kind)
    if is_open is not None:
        query = query.where(cases.c.open == is_open)
    if overdue_at is not None:
        query = query.where(cases.c.open, cases.c.due_at < overdue_at)
    if region:
        query = query.where(cases.c.region == region)
    if involving:
        query = query.where(
            or_(cases.c.id == involving, cases.c.id.in_(select(links.c.case_id).where(links.c.entity_id == involving)))
        )
    return query


async def one_case(tx: Tx, caller: Caller, case_id: UUID) -> dict[str, Any]:
    """Return a case with everything that is owed in it and the cases that it is linked to.

    Raises:
        NotFound: there is none that the caller may see.
    """
    row = (await tx.execute(select(cases).where(cases.c.id == case_id, visible(caller)))).mappings().one_or_none()
    if row is None:
        raise NotFound(what="case", id=case_id)
    owed = await tx.execute(select(open_steps).where(open_steps.c.case_id == case_id).order_by(open_steps.c.due_at))
    mine = select(links.c.entity_id).where(links.c.case_id == case_id)
    related = (
        select(cases.c.id, cases.c.kind)
        .where(
            visible(caller),
            cases.c.id != case_id,
            or_(
                cases.c.id.in_(mine),
                cases.c.id.in_(select(links.c.case_id).where(links.c.entity_id == case_id)),
            ),
        )
        .order_by(cases.c.id)
        .limit(100)
    )
    return {
        **row,
        "owed": [dict(step) for step in owed.mappings()],
        "related": [dict(other) for other in (await tx.execute(related)).mappings()],
    }


def steps_of(case_id: UUID) -> Select[Any]:
    """Return the query for a case's steps; their ids are in the order in which they were recorded."""
    return select(steps).where(steps.c.case_id == case_id)


def parked_list(state: str | None) -> Select[Any]:
    """Return the query for parked keys."""
    return select(parked).where(parked.c.state == state) if state else select(parked)


async def programme_figures(tx: Tx) -> Figures:
    """Count K1, K2 and K3 from what events told, under the policy of the day."""
    policies = await tx.policies()
    rule = policies.on("programme.extra", tx.today)
    suppress = policies.on("programme.figures", tx.today).value["suppressBelow"]
    active = (
        select(assignments.c.trainer_id, func.count().label("active"))
        .where(assignments.c.started_on.is_not(None), assignments.c.ended_on.is_(None))
        .group_by(assignments.c.trainer_id)
        .subquery()
    )
    approved = (
        select(hours.c.trainer_id, func.sum(hours.c.contact_minutes).label("minutes"))
        .group_by(hours.c.trainer_id)
        .subquery()
    )
    counted = (
        select(
            trainers,
            func.coalesce(active.c.active, 0).label("active_assignments"),
            func.coalesce(approved.c.minutes, 0).label("approved_minutes"),
        )
        .outerjoin(active, active.c.trainer_id == trainers.c.trainer_id)
        .outerjoin(approved, approved.c.trainer_id == trainers.c.trainer_id)
        .where(or_(active.c.active > 0, approved.c.minutes > 0))
    )
    facts = [TrainerFacts(**row) for row in (await tx.execute(counted)).mappings()]
    return figures(facts, rule=rule.value, suppress_below=suppress, policy_version=policies.version)


async def newest_cases(
    tx: Tx, caller: Caller, *, is_open: bool | None, overdue_at: Any | None, before: UUID | None, limit: int
) -> list[Any]:
    """Return cases for the console, the one that changed last first, from before another one on."""
    query = case_list(caller, kind=None, is_open=is_open, overdue_at=overdue_at, involving=None, region=None)
    if before:
        last = select(cases.c.latest_at).where(cases.c.id == before).scalar_subquery()
        query = query.where(or_(cases.c.latest_at < last, (cases.c.latest_at == last) & (cases.c.id < before)))
    query = query.order_by(cases.c.latest_at.desc(), cases.c.id.desc()).limit(limit)
    return list((await tx.execute(query)).all())


async def all_steps(tx: Tx, case_id: UUID, most: int = 1000) -> list[Any]:
    """Return a case's steps in order, the first ``most`` of them."""
    return list((await tx.execute(steps_of(case_id).order_by(steps.c.event_id).limit(most))).all())


async def all_parked(tx: Tx, most: int = 500) -> list[Any]:
    """Return parked keys for the console, the first ``most`` of them in the order in which they were parked."""
    return list((await tx.execute(parked_list(None).order_by(parked.c.since, parked.c.id).limit(most))).all())


async def newest_step(tx: Tx) -> UUID | None:
    """Return the id of the step that was recorded last: it changes whenever anything happened."""
    newest = select(steps.c.event_id).order_by(steps.c.event_id.desc()).limit(1)
    found: UUID | None = (await tx.execute(newest)).scalar_one_or_none()
    return found
