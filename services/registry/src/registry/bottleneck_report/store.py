"""Bottleneck reports: kept for ever to be counted, in words as long as the policy allows."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, Index, Integer, Row, Text, Uuid, func, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from common.caller import Caller, CallerRole
from common.persistence.owned import one_of, owned_table, owners_of, page_of_owned
from common.persistence.paging import Paged, PageRequest
from common.persistence.store import Store
from common.persistence.terms import CHUNK, Purge, cutoff
from common.persistence.transaction import Tx
from common.persistence.visibility import visible
from registry.bottleneck_report.model import ANSWERED, BottleneckReport, Status
from registry.tables import metadata

TERM: Final = "retention.bottleneck"
SEES_ALL: Final = (CallerRole.PROGRAMME,)
bottleneck_reports: Final = owned_table(
    "bottleneck_reports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("policy_code", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("ministry", Text, nullable=False),
    Column("answer_before", Date, nullable=False),
    Column("region", Text),
    Column("board_id", Uuid),
    Column("school_id", Uuid),
    Column("location_id", Uuid),
    Column("company_id", Uuid),
    Column("trainer_id", Uuid),
    Column("organisation_id", Uuid),
    Column("summary", Text, comment="may be personal; null past its term"),
    Column("outcome", Text),
    Column("answer", Text, comment="null past its term"),
    Column("answered_on", Date),
    Column("settled_before", Date),
    Index("bottleneck_reports_counted", "item", "region", "status"),
    Index("bottleneck_reports_in_words", "answered_on", postgresql_where=text("summary IS NOT NULL")),
)
table: Final = bottleneck_reports
reports: Final = Store(BottleneckReport, table)


async def page(
    tx: Tx, caller: Caller, paging: PageRequest, *, status: Status | None, item: str | None
) -> Paged[BottleneckReport]:
    """Return the reports that the caller may see, the oldest first."""
    wanted = {"status": status, "item": item}
    return await page_of_owned(tx, caller, paging, table, wanted, load=reports.load, all_for=SEES_ALL)


async def one(tx: Tx, caller: Caller, report_id: UUID) -> BottleneckReport:
    """Return a report.

    Raises:
        NotFound: there is none that this caller may see.
    """
    return reports.load(await one_of(tx, caller, table, report_id, "bottleneck report", all_for=SEES_ALL))


async def must_not_be_of_another(tx: Tx, caller: Caller, report_id: UUID) -> None:
    """Check an id under which the caller reports: it is new, or of a report of theirs.

    Raises:
        NotFound: it is of a report that this caller may not see.
    """
    if await reports.find(tx, report_id) is not None:
        await one(tx, caller, report_id)


async def counts(tx: Tx, caller: Caller, paging: PageRequest) -> Paged[Row[Any]]:
    """Return per item how many of the reports that the caller may see there are and are answered, and by region."""
    answered = func.count().filter(table.c.status == ANSWERED.value).label("answered")
    mine = visible(caller, all_for=SEES_ALL, **owners_of(table))
    counted = select(table.c.item, table.c.region, func.count().label("reported"), answered).where(mine)
    cell = counted.group_by(table.c.item, table.c.region).subquery()
    names = ("region", "reported", "answered")
    one = func.jsonb_build_object(*(each for name in names for each in (name, cell.c[name])))
    per_item = (
        select(
            cell.c.item,
            func.sum(cell.c.reported).label("reported"),
            func.sum(cell.c.answered).label("answered"),
            func.jsonb_agg(aggregate_order_by(one, cell.c.region.nulls_first())).label("regions"),
        )
        .group_by(cell.c.item)
        .subquery()
    )
    return await paging.read(tx, select(per_item), per_item.c.item)


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Forget what a trainer wrote; that it was reported and answered stays. Return of how many reports."""
    written = (table.c.trainer_id == trainer_id) & table.c.summary.is_not(None)
    return int((await tx.execute(update(table).where(written).values(summary=None, answer=None))).rowcount)


async def purge_words(tx: Tx) -> int:
    """Empty the words of reports that were answered before the term; return of how many reports.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, TERM, "daysAfterAnswer")
    if before is None:
        return 0
    past = select(table.c.id).where(table.c.answered_on < before.date(), table.c.summary.is_not(None)).limit(CHUNK)
    emptied = update(table).where(table.c.id.in_(past)).values(summary=None, answer=None)
    return int((await tx.execute(emptied)).rowcount)


PURGE: Final = Purge(table="bottleneck_reports", policy=TERM, forget=purge_words)
