"""The programme's figures, counted by the database: a few rows per region leave it, however many people there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import func, or_, select, text

from common.persistence.transaction import Tx
from operations.figure.model import Figures, Totals, published
from operations.figure.tables import assignments, bottlenecks, secrets, trainers
from rules.rounding import Rounding


async def programme_figures(tx: Tx) -> Figures:
    """Count K1, K2, K3 and K13 from events, rounded under the policy of the day."""
    policies = await tx.policies()
    rule = policies.on("programme.extra", tx.today).value
    rounding = policies.on("programme.figures", tx.today).value
    secret = (await tx.execute(select(secrets.c.value).where(secrets.c.name == "figures"))).scalar_one().bytes
    return published(
        await totals(tx, rule),
        target=rule["target"],
        people=Rounding.of(rounding, secret),
        hours=Rounding.of(rounding, secret, hours=True),
        regions=set((await tx.execute(_REGIONS)).scalars()),
        policy_version=policies.version,
    )


async def totals(tx: Tx, rule: Mapping[str, Any]) -> Totals:
    """Count persons: the same as ``Totals.of``, by running totals; and reports."""
    person = trainers.c
    works = select(assignments.c.trainer_id).where(_ACTIVE)
    counts = or_(person.approved_minutes > 0, person.trainer_id.in_(works))
    is_extra = (
        ~person.was_trainer_before,
        person.first_started_on >= date.fromisoformat(rule["baseline"]),
        person.approved_minutes >= rule["minimumApprovedMinutes"],
    )
    of_regions = select(person.region, func.count().label("number")).where(counts, *is_extra).group_by(person.region)
    extra = {row.region: row.number for row in await tx.execute(of_regions)}
    known = select(trainers.c.trainer_id).where(trainers.c.trainer_id == assignments.c.trainer_id).exists()
    active = select(func.count(assignments.c.trainer_id.distinct())).where(_ACTIVE, known)
    minutes = func.coalesce(func.sum(person.approved_minutes), 0)
    worked = func.count().filter(person.approved_minutes > 0)
    together = (await tx.execute(select(worked.label("worked"), minutes.label("minutes")).where(counts))).one()
    item = bottlenecks.c
    of_items = select(item.item, item.region, func.count().label("number")).group_by(item.item, item.region)
    return Totals(
        extra=extra,
        active=(await tx.execute(active)).scalar_one(),
        worked=together.worked,
        minutes=int(together.minutes),
        bottlenecks={(row.item, row.region): row.number for row in await tx.execute(of_items)},
    )


_ACTIVE: Final = assignments.c.started_on.is_not(None) & assignments.c.ended_on.is_(None)
# A step from region to region over the index: DISTINCT would read every case.
_REGIONS: Final = text("""
    WITH RECURSIVE found AS (
        (SELECT region FROM cases WHERE region IS NOT NULL ORDER BY region LIMIT 1)
        UNION ALL
        SELECT (SELECT c.region FROM cases c WHERE c.region > found.region ORDER BY c.region LIMIT 1)
        FROM found WHERE found.region IS NOT NULL
    )
    SELECT region FROM found WHERE region IS NOT NULL
""")
