"""The trainers as outsiders see them in lists and counts: an edition a day, in which no trainer changes alone."""

# A reader of lists and counts of several vacancies would see one trainer come, change or go at all of them at once.
# So these are made of an edition of the talent pool. The first who looks on a day renews it, area by area: an area in
# which too few changed stays as it was. Who is asked what follows the pool itself, not its edition. That a trainer is
# asked somewhere, or no longer, is no change here and takes nothing: only what was agreed does.

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.dialects import postgresql

from common.persistence.transaction import Tx
from matching.edition.model import Editions
from matching.edition.tables import shown_areas, shown_edition, shown_profiles
from matching.profile.model.engagement import engagements_of
from matching.profile.model.pool import Pool
from matching.profile.model.published import profile_of, state_of
from matching.profile.store.profiles import VERSIONS
from matching.ranking.model.ranking import Ranking, rank
from matching.vacancy.model.opening import Opening

if TYPE_CHECKING:
    from common.persistence.database import Database

_TURN: Final = 200
"""After so many profiles others get a turn."""


async def ranked(tx: Tx, opening: Opening, region: str | None) -> Ranking:
    """Rank those whom outsiders see today; ``region`` is that of the vacancy, seen in full at its first look.

    Raises:
        Missing: a policy row is not known here yet.
    """
    async with shown_pool(tx, region) as pool:
        return rank(opening, pool, await tx.policies(), tx.today)


@asynccontextmanager
async def shown_pool(tx: Tx, region: str | None) -> AsyncIterator[Pool]:
    """Give the trainers whom outsiders see today, for as long as the block lasts; others wait meanwhile.

    Raises:
        Missing: a policy row is not known here yet.
    """
    await _renew(tx, Editions.of(await tx.policies(), tx.today), region or "")
    shown = _SHOWN.setdefault(tx.database, _Shown())
    async with shown.lock:
        await shown.refresh(tx)
        yield shown.pool


async def erase(tx: Tx, trainer_id: UUID) -> None:
    """Take a trainer who was erased out of the edition."""
    gone = await tx.execute(delete(shown_profiles).where(shown_profiles.c.trainer_id == trainer_id))
    if gone.rowcount:
        await tx.execute(update(shown_edition).values(id=uuid4()))


async def purge_versions(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Remove profile versions that no ranking made since ``before`` has seen; return how many. What is shown stays."""
    shown = exists().where(shown_profiles.c.version == VERSIONS.c.version)
    old = (
        select(VERSIONS.c.version)
        .where(VERSIONS.c.superseded_at < before, ~shown)
        .order_by(VERSIONS.c.superseded_at)
        .limit(at_most)
    )
    return (await tx.execute(delete(VERSIONS).where(VERSIONS.c.version.in_(old)))).rowcount


class _Shown:
    """The edition that this process has in memory."""

    def __init__(self) -> None:
        self.pool = Pool()
        self.lock = asyncio.Lock()
        self._id: UUID | None = None
        self._versions: dict[UUID, int] = {}

    async def refresh(self, tx: Tx) -> None:
        """Take in another edition, if there is one."""
        current = (await tx.execute(select(shown_edition.c.id))).scalar_one()
        if current == self._id:
            return
        columns = shown_profiles.c
        rows = (await tx.execute(select(columns.trainer_id, columns.version))).all()
        versions = {row.trainer_id: row.version for row in rows}
        for trainer_id in self._versions.keys() - versions.keys():
            self.pool.remove(trainer_id)
            del self._versions[trainer_id]
        new = [version for trainer_id, version in versions.items() if self._versions.get(trainer_id) != version]
        self._id = None  # until all of it is there
        for start in range(0, len(new), _TURN):
            await self._take(tx, new[start : start + _TURN])
        self._id = current

    async def _take(self, tx: Tx, versions: Collection[int]) -> None:
        columns = (
            VERSIONS.c.version,
            VERSIONS.c.state,
            VERSIONS.c.minutes_taken,
            VERSIONS.c.engagements,
            shown_profiles.c.shown_on,
        )
        both = VERSIONS.join(shown_profiles, shown_profiles.c.version == VERSIONS.c.version)
        query = select(*columns).select_from(both).where(VERSIONS.c.version.in_(versions))
        for row in await tx.execute(query):
            state = state_of(row.state)
            agreed = (each for each in engagements_of(row.engagements, row.minutes_taken) if each.agreed)
            self.pool.put(profile_of(state, engagements=tuple(agreed), day=row.shown_on))
            self._versions[state.trainer_id] = row.version
        await asyncio.sleep(0)


async def _renew(tx: Tx, editions: Editions, region: str) -> None:
    """Make today's edition, unless it is there; the first look in a region shows who is there."""
    if await _is_there(tx, region):
        return
    await tx.execute(_ONE_AT_A_TIME)
    if await _is_there(tx, region):
        return
    day = (await tx.execute(select(shown_edition.c.day))).scalar_one_or_none()
    changed = (await tx.execute(_CHANGED)).all()
    counts = Counter(row.area for row in changed)
    areas = {row.area: row.complete_on for row in await tx.execute(select(shown_areas))}
    ready = {region} - areas.keys()
    if day is None:
        ready |= counts.keys()
    elif day != tx.today:
        ready |= editions.ready(counts, areas, tx.today)
    await _show(tx, [row for row in changed if row.area in ready])
    known = areas.keys() & counts.keys() - ready
    await _note_complete(tx, (areas.keys() | counts.keys() | ready) - known)
    made = postgresql.insert(shown_edition).values(one=True, id=uuid4(), day=tx.today)
    again = {"id": made.excluded.id, "day": made.excluded.day}
    await tx.execute(made.on_conflict_do_update(index_elements=["one"], set_=again))


async def _is_there(tx: Tx, region: str) -> bool:
    looked = exists().where(shown_areas.c.area == region)
    row = (await tx.execute(select(shown_edition.c.day, looked.label("looked")))).one_or_none()
    return row is not None and row.day == tx.today and row.looked


async def _show(tx: Tx, changed: Sequence[Any]) -> None:
    """Show these trainers as they are now, and those who are gone no longer."""
    gone = [row.trainer_id for row in changed if row.version is None]
    if gone:
        await tx.execute(delete(shown_profiles).where(shown_profiles.c.trainer_id.in_(gone)))
    new = [
        {
            "trainer_id": row.trainer_id,
            "version": row.version,
            "settled": row.settled,
            "area": row.area_now,
            "shown_on": tx.today,
        }
        for row in changed
        if row.version is not None
    ]
    if new:
        row = postgresql.insert(shown_profiles)
        again = {name: row.excluded[name] for name in ("version", "settled", "area", "shown_on")}
        await tx.execute(row.on_conflict_do_update(index_elements=["trainer_id"], set_=again), new)


async def _note_complete(tx: Tx, areas: Collection[str]) -> None:
    if areas:
        row = postgresql.insert(shown_areas)
        again = row.on_conflict_do_update(index_elements=["area"], set_={"complete_on": row.excluded.complete_on})
        await tx.execute(again, [{"area": area, "complete_on": tx.today} for area in sorted(areas)])


_SHOWN: Final[WeakKeyDictionary[Database, _Shown]] = WeakKeyDictionary()
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('matching edition'))")
_CHANGED: Final = text("""
    SELECT coalesce(known.trainer_id, shown.trainer_id) AS trainer_id, known.version, known.settled,
           known.area AS area_now, coalesce(shown.area, known.area) AS area
    FROM (
        SELECT trainer_id, version, settled, coalesce(state ->> 'region', '') AS area FROM profiles
        WHERE state IS NOT NULL AND state ->> 'status' <> 'intake'
    ) AS known
    FULL JOIN shown_profiles AS shown USING (trainer_id)
    WHERE known.settled IS DISTINCT FROM shown.settled
""")
