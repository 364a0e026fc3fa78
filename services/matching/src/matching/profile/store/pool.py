"""The trainers in memory: one pool per process and database, brought up to date with what changed since.

A version counter would lose what commits late: rows become visible in another order than their numbers. So each
row carries the id of the transaction that wrote it, and the pool remembers the snapshot that it has seen: what is
not visible in that snapshot is read again. In a database restored from elsewhere the ids may lie in the future;
such rows are read every time, until the ids have caught up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import text

from common.persistence.transaction import Tx
from matching.profile.model.engagement import engagements_of
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.profile.model.published import profile_of, state_of
from matching.profile.model.quiet import is_quiet

if TYPE_CHECKING:
    from common.persistence.database import Database

_NOTHING_SEEN: Final = "1:1:"
_PAUSE: Final = 200
"""After so many profiles others get a turn: reading all of them at the start takes a while."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One trainer; None as profile: the trainer may not be ranked."""

    version: int
    profile: Profile | None
    consent_until: date | None = None


_UNKNOWN: Final = _Entry(0, None)


class CandidatePool:
    """The pool of one process, with the version of each profile in it."""

    def __init__(self) -> None:
        """Begin empty."""
        self.pool = Pool()
        self.versions: dict[UUID, int] = {}
        self.lock = asyncio.Lock()
        self._entries: dict[UUID, _Entry] = {}
        self._seen = _NOTHING_SEEN
        self._day = date.min

    async def refresh(self, tx: Tx) -> dict[UUID, _Entry]:
        """Take in what has been committed since; return what only this transaction knows so far."""
        rows = (await tx.execute(_CHANGED, {"seen": self._seen})).all()
        own, mine = rows[0].own, dict[UUID, _Entry]()
        for number, row in enumerate(rows, start=1):
            if row.trainer_id is None:
                continue
            entry = _entry(row, tx.today)
            if row.changed_in == own:
                mine[row.trainer_id] = entry
            else:
                self._set(row.trainer_id, entry)
            if number % _PAUSE == 0:
                await asyncio.sleep(0)
        self._seen = _without(rows[0].snapshot, own)
        self._pass_to(tx.today)
        return mine

    def overlay(self, entries: Iterable[tuple[UUID, _Entry]]) -> list[tuple[UUID, _Entry]]:
        """Put these in place and return what stood there before."""
        before = []
        for trainer_id, entry in entries:
            before.append((trainer_id, self._entries.get(trainer_id, _UNKNOWN)))
            self._set(trainer_id, entry)
        return before

    def _set(self, trainer_id: UUID, entry: _Entry) -> None:
        self._entries[trainer_id] = entry
        if entry.profile is None:
            self.pool.remove(trainer_id)
            self.versions.pop(trainer_id, None)
        else:
            self.pool.put(entry.profile)
            self.versions[trainer_id] = entry.version

    def _pass_to(self, day: date) -> None:
        """Let consents and quiet weeks begin and end with the day."""
        if day == self._day:
            return
        self._day = day
        for trainer_id, entry in list(self._entries.items()):
            if entry.profile is None:
                continue
            consents = entry.consent_until is not None and day <= entry.consent_until
            quiet = is_quiet(day, entry.profile.quiet_weeks)
            if (consents, quiet) != (entry.profile.consented, entry.profile.quiet):
                profile = replace(entry.profile, consented=consents, quiet=quiet)
                self._set(trainer_id, replace(entry, profile=profile))


@asynccontextmanager
async def pool_for(tx: Tx, *, without: Collection[UUID] = ()) -> AsyncIterator[CandidatePool]:
    """Give the pool as this transaction sees it, for as long as the block lasts; others wait meanwhile.

    ``without`` leaves some trainers out, such as those that were asked already.
    """
    candidates = _POOLS.setdefault(tx.database, CandidatePool())
    async with candidates.lock:
        own = await candidates.refresh(tx)
        left_out = ((trainer_id, _UNKNOWN) for trainer_id in without)
        before = candidates.overlay([*own.items(), *left_out])
        try:
            yield candidates
        finally:
            # What is not committed may never be; those left out are back.
            candidates.overlay(reversed(before))


def _entry(row: Any, day: date) -> _Entry:
    if row.state is None:
        return _Entry(row.version, None)
    state = state_of(row.state)
    if state.status == "intake":
        # Not in the talent pool yet.
        return _Entry(row.version, None)
    engagements = engagements_of(row.engagements, row.minutes_taken)
    profile = profile_of(state, engagements=engagements, asked_on=row.asked_on, day=day)
    return _Entry(row.version, profile, state.consent_until)


def _without(snapshot: str, own: int | None) -> str:
    """Return the snapshot with our own transaction among those in progress: PostgreSQL leaves it out for itself."""
    lowest, beyond, running = snapshot.split(":")
    if own is None or own >= int(beyond):
        return snapshot
    in_progress = sorted({own, *(int(id_) for id_ in running.split(",") if id_)})
    return f"{min(int(lowest), own)}:{beyond}:{','.join(map(str, in_progress))}"


_POOLS: Final[WeakKeyDictionary[Database, CandidatePool]] = WeakKeyDictionary()
_CHANGED: Final = text("""
    SELECT now.snapshot, now.own, p.trainer_id, p.version, p.state, p.minutes_taken, p.engagements,
           p.asked_on, p.changed_in
    FROM (SELECT pg_current_snapshot()::text AS snapshot,
                 pg_current_xact_id_if_assigned()::text::bigint AS own) AS now
    LEFT JOIN profiles AS p
        ON p.changed_in >= pg_snapshot_xmin(CAST(CAST(:seen AS text) AS pg_snapshot))::text::bigint
       AND NOT pg_visible_in_snapshot(p.changed_in::text::xid8, CAST(CAST(:seen AS text) AS pg_snapshot))
""")
