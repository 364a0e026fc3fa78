"""Profiles as registry published them last, every version of one, and the minutes that trainers agreed to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Text, any_, cast, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from common.persistence.transaction import Tx
from events.registry import ProfileState
from matching.profile.model.profile import Profile
from matching.profile.model.published import profile_of, row_of, state_of
from matching.profile.store.pool import pool_for
from matching.profile.tables import commitments, profile_numbers, profile_versions, profiles

VERSIONS: Final = profile_versions
"""The table of all versions, for queries of the slices above."""
_THIS_TRANSACTION: Final = cast(cast(func.pg_current_xact_id(), Text), BigInteger)


async def put(tx: Tx, states: Sequence[ProfileState]) -> list[ProfileState]:
    """Store what registry published, the last of each trainer; return the states that changed something.

    Raises:
        Invalid: numbers that fit into no week.
    """
    latest = {state.trainer_id: state for state in states}
    for state in latest.values():
        profile_of(state, minutes_taken=0, day=tx.today)
    rows = [
        {
            "trainer_id": trainer_id,
            "version": profile_numbers.next_value(),
            "state": row_of(latest[trainer_id]),
            "minutes_taken": 0,
            "changed_in": _THIS_TRANSACTION,
        }
        # In the order of the ids: two that write the same profiles then wait instead of deadlocking.
        for trainer_id in sorted(latest)
    ]
    new = postgresql.insert(profiles).values(rows)
    kept = new.on_conflict_do_update(
        index_elements=[profiles.c.trainer_id],
        set_={
            "version": profile_numbers.next_value(),
            "state": new.excluded.state,
            "changed_in": new.excluded.changed_in,
        },
        where=profiles.c.state.is_distinct_from(new.excluded.state) & ~profiles.c.erased,
    ).returning(profiles.c.trainer_id)
    changed = list((await tx.execute(kept)).scalars())
    await _keep_versions(tx, changed)
    return [latest[trainer_id] for trainer_id in changed]


async def remove(tx: Tx, trainer_id: UUID) -> None:
    """Empty the profile of a trainer who is gone; the row stays, so that the other processes evict it."""
    await tx.execute(
        update(profiles)
        .where(profiles.c.trainer_id == trainer_id)
        .values(state=None, version=profile_numbers.next_value(), changed_in=_THIS_TRANSACTION)
    )
    await _supersede(tx, [trainer_id])


async def erase(tx: Tx, trainer_id: UUID) -> int:
    """Erase a profile with all its versions, and take in no later one; return how many rows held something."""
    held = await tx.execute(
        select(func.count())
        .select_from(profiles)
        .where(profiles.c.trainer_id == trainer_id, profiles.c.state.is_not(None))
    )
    gone = {
        "version": profile_numbers.next_value(),
        "state": None,
        "minutes_taken": 0,
        "erased": True,
        "changed_in": _THIS_TRANSACTION,
    }
    row = postgresql.insert(profiles).values(trainer_id=trainer_id, **gone)
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=[profiles.c.trainer_id],
            set_={**gone, "minutes_taken": profiles.c.minutes_taken},
        )
    )
    versions = await tx.execute(delete(profile_versions).where(profile_versions.c.trainer_id == trainer_id))
    return int(held.scalar_one()) + versions.rowcount


async def count(tx: Tx) -> int:
    """Count those who may be ranked now."""
    async with pool_for(tx) as candidates:
        return len(candidates.pool)


async def versions_of(tx: Tx, trainer_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return which version of each profile is the present one."""
    rows = await tx.execute(
        select(profiles.c.trainer_id, profiles.c.version).where(profiles.c.trainer_id.in_(trainer_ids))
    )
    return {row.trainer_id: row.version for row in rows}


async def lock(tx: Tx, trainer_id: UUID) -> None:
    """Make others that agree something for this trainer wait until this transaction ends."""
    await tx.execute(select(profiles.c.version).where(profiles.c.trainer_id == trainer_id).with_for_update())


async def profile(tx: Tx, trainer_id: UUID, *, lock: bool = False) -> Profile | None:
    """Return a profile as of today, None of a trainer who is gone; with ``lock`` others wait for this transaction."""
    query = select(profiles.c.state, profiles.c.minutes_taken).where(profiles.c.trainer_id == trainer_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None or row.state is None:
        return None
    state = state_of(row.state)
    return profile_of(state, minutes_taken=row.minutes_taken, day=tx.today)


async def profiles_at(tx: Tx, versions: Sequence[int], day: Any) -> list[Profile]:
    """Return profiles as they were in these versions, as far as they still are there."""
    wanted = any_(cast(versions, postgresql.ARRAY(BigInteger)))
    rows = await tx.execute(
        select(profile_versions.c.state, profile_versions.c.minutes_taken).where(profile_versions.c.version == wanted)
    )
    return [profile_of(state_of(row.state), minutes_taken=row.minutes_taken, day=day) for row in rows]


async def commit_minutes(tx: Tx, proposal_id: UUID, trainer_id: UUID, minutes_per_week: int) -> None:
    """Count an accepted proposal's minutes as taken; the profile must be locked."""
    await tx.execute(
        insert(commitments).values(proposal_id=proposal_id, trainer_id=trainer_id, minutes_per_week=minutes_per_week)
    )
    await _count_minutes(tx, trainer_id)


async def release_minutes(tx: Tx, proposal_id: UUID, trainer_id: UUID) -> bool:
    """Give a trainer the minutes back; return whether any were taken."""
    gone = await tx.execute(delete(commitments).where(commitments.c.proposal_id == proposal_id))
    if not gone.rowcount:
        return False
    await _count_minutes(tx, trainer_id)
    return True


async def _count_minutes(tx: Tx, trainer_id: UUID) -> None:
    taken = (
        select(func.coalesce(func.sum(commitments.c.minutes_per_week), 0))
        .where(commitments.c.trainer_id == trainer_id)
        .scalar_subquery()
    )
    await tx.execute(
        update(profiles)
        .where(profiles.c.trainer_id == trainer_id)
        .values(minutes_taken=taken, version=profile_numbers.next_value(), changed_in=_THIS_TRANSACTION)
    )
    await _keep_versions(tx, [trainer_id])


async def _keep_versions(tx: Tx, trainer_ids: Collection[UUID]) -> None:
    if not trainer_ids:
        return
    await _supersede(tx, trainer_ids)
    columns = ("trainer_id", "version", "state", "minutes_taken")
    current = select(*(profiles.c[name] for name in columns)).where(
        profiles.c.trainer_id.in_(trainer_ids), profiles.c.state.is_not(None)
    )
    await tx.execute(insert(profile_versions).from_select(columns, current))


async def _supersede(tx: Tx, trainer_ids: Collection[UUID]) -> None:
    """Note when the present versions stopped being seen: by the real order of things, not by an event's date."""
    present = profile_versions.c.trainer_id.in_(trainer_ids) & profile_versions.c.superseded_at.is_(None)
    await tx.execute(update(profile_versions).where(present).values(superseded_at=tx.opened_at))
