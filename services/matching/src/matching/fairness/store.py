"""The counts: added, gathered, summed and purged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from sqlalchemy import delete, func, insert, select, text

from common.persistence.transaction import Tx
from matching.fairness.model import Count, Dimension, Stage
from matching.fairness.tables import fairness_counts

_COUNTS: Final = fairness_counts.c


async def add(tx: Tx, region: str, counts: Collection[Count]) -> None:
    """Add to the counts of this month."""
    if not counts:
        return
    month = tx.today.replace(day=1)
    rows = [
        {
            "month": month,
            "region": region,
            "dimension": each.dimension,
            "class": each.code,
            "stage": each.stage,
            "number": each.number,
            "people": each.people,
        }
        for each in counts
    ]
    await tx.execute(insert(fairness_counts), rows)


async def since(tx: Tx, month: date, regions: Collection[str] | None) -> list[tuple[str, Count]]:
    """Sum the counts since a month, by region; ``regions`` are all where it is None."""
    keys = (_COUNTS.region, _COUNTS.dimension, _COUNTS["class"].label("code"), _COUNTS.stage)
    query = (
        select(*keys, func.sum(_COUNTS.number).label("number"), func.max(_COUNTS.people).label("people"))
        .where(_COUNTS.month >= month)
        .group_by(_COUNTS.region, _COUNTS.dimension, _COUNTS["class"], _COUNTS.stage)
    )
    if regions is not None:
        query = query.where(_COUNTS.region.in_(regions))
    return [
        (row.region, Count(Dimension(row.dimension), row.code, Stage(row.stage), int(row.number), row.people))
        for row in await tx.execute(query)
    ]


async def gather(tx: Tx, *, at_most: int) -> int:
    """Make one row of those of the same month, region, class and stage; return how many groups there were."""
    return int((await tx.execute(_GATHER, {"at_most": at_most})).rowcount)


_GATHER: Final = text("""
    WITH several AS (
        SELECT month, region, dimension, class, stage FROM fairness_counts
        GROUP BY month, region, dimension, class, stage HAVING count(*) > 1 LIMIT :at_most
    ), gone AS (
        DELETE FROM fairness_counts AS old USING several
        WHERE (old.month, old.region, old.dimension, old.class, old.stage)
            = (several.month, several.region, several.dimension, several.class, several.stage)
        RETURNING old.*
    )
    INSERT INTO fairness_counts (month, region, dimension, class, stage, number, people)
    SELECT month, region, dimension, class, stage, sum(number), max(people) FROM gone
    GROUP BY month, region, dimension, class, stage
""")


async def purge(tx: Tx, before: date, *, at_most: int) -> int:
    """Remove counts of months before a day; return how many rows."""
    old = select(_COUNTS.id).where(_COUNTS.month < before).limit(at_most)
    return int((await tx.execute(delete(fairness_counts).where(_COUNTS.id.in_(old)))).rowcount)
