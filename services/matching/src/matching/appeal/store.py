"""Appeals: one row each, until some time after the decision; the words of an erased trainer go at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, Text, Uuid, delete, exists, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from common.caller import Caller, CallerRole
from common.persistence.owned import one_of, owned_table, page_of_owned
from common.persistence.paging import Paged, PageRequest
from common.persistence.store import Store
from common.persistence.transaction import Tx
from matching.appeal.model import Appeal, Status
from matching.tables import metadata

SEES_ALL: Final = (CallerRole.PROGRAMME,)

appeals: Final = owned_table(
    "appeals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("lodged_at", DateTime(timezone=True), nullable=False),
    Column("decide_before", Date, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("vacancy_id", Uuid, nullable=False),
    Column("round", Integer, nullable=False),
    Column("proposal_id", Uuid),
    Column("region", Text),
    Column("board_id", Uuid),
    Column("school_id", Uuid),
    Column("location_id", Uuid),
    Column("trainer_id", Uuid),
    Column("reason", Text, nullable=False),
    Column("words", Text, comment="may be personal; null once erased"),
    Column("ranking_id", Uuid),
    Column("policy_version", Integer, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("motivation", Text, comment="may be personal; null once erased"),
    Column("ended_on", Date),
    Index("appeals_by_vacancy", "vacancy_id"),
    Index("appeals_open_by_ranking", "ranking_id", postgresql_where=text("status = 'lodged'")),
    Index("appeals_ended", "ended_on", postgresql_where=text("ended_on IS NOT NULL")),
)
_COLUMNS: Final = appeals.c


class Appeals(Store[Appeal]):
    """The appeals, open and decided."""

    async def of_appellant(self, tx: Tx, appeal: Appeal) -> list[Appeal]:
        """Return the appeals of the same appellant against the same decision."""
        same = ("vacancy_id", "round", "proposal_id", "trainer_id", "school_id")
        return await self.where(tx, *(_COLUMNS[name].is_not_distinct_from(getattr(appeal, name)) for name in same))

    async def of_trainer(self, tx: Tx, trainer_id: UUID) -> list[Appeal]:
        """Return the appeals of a trainer."""
        return await self.where(tx, _COLUMNS.trainer_id == trainer_id)

    async def hold(self, tx: Tx, ranking_id: UUID) -> bool:
        """Whether an open appeal rests on a ranking."""
        rests = select(exists().where(_COLUMNS.ranking_id == ranking_id, text("status = 'lodged'")))
        return bool((await tx.execute(rests)).scalar_one())

    async def erase(self, tx: Tx, trainer_id: UUID) -> int:
        """Erase the words and measures of a trainer's appeals; that there was one stays. Return how many."""
        emptied: dict[str, Any] = {"words": None, "motivation": None, "findings": []}
        theirs = update(appeals).where(_COLUMNS.trainer_id == trainer_id).values(emptied)
        return int((await tx.execute(theirs)).rowcount)

    async def purge(self, tx: Tx, before: date, *, at_most: int) -> int:
        """Remove appeals that ended before a day, the oldest first; return how many."""
        old = select(_COLUMNS.id).where(_COLUMNS.ended_on < before).order_by(_COLUMNS.ended_on).limit(at_most)
        return int((await tx.execute(delete(appeals).where(_COLUMNS.id.in_(old)))).rowcount)


store: Final = Appeals(Appeal, appeals)


async def own_appeal(tx: Tx, caller: Caller, appeal_id: UUID, *, all_for: Collection[CallerRole] = SEES_ALL) -> Appeal:
    """Return one appeal.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    return store.load(await one_of(tx, caller, appeals, appeal_id, "appeal", all_for=all_for))


async def own_appeals(
    tx: Tx, caller: Caller, paging: PageRequest, *, status: Status | None, vacancy_id: UUID | None
) -> Paged[Appeal]:
    """Return a page of the caller's appeals, the oldest first."""
    wanted = {"status": status, "vacancy_id": vacancy_id}
    return await page_of_owned(tx, caller, paging, appeals, wanted, load=store.load, all_for=SEES_ALL)
