"""The programme's figures, counted."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from common.transaction import Tx
from operations.model.figures import Figures, Rounding, TrainerFacts, figures
from operations.store.tables import assignments, cases, hours, secrets, trainers


async def programme_figures(tx: Tx) -> Figures:
    """Count K1, K2 and K3 from what events told, rounded under the policy of the day."""
    policies = await tx.policies()
    rule = policies.on("programme.extra", tx.today)
    rounding = policies.on("programme.figures", tx.today).value
    secret = (await tx.execute(select(secrets.c.value).where(secrets.c.name == "figures"))).scalar_one().bytes
    regions = (await tx.execute(select(cases.c.region).where(cases.c.region.is_not(None)).distinct())).scalars()
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
    return figures(
        facts,
        rule=rule.value,
        people=Rounding.of(rounding, secret),
        hours=Rounding.of(rounding, secret, hours=True),
        regions=set(regions),
        policy_version=policies.version,
    )
