"""Profiles as registry published them last, every version of one, and what trainers are engaged in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Text, any_, cast, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from common.persistence.transaction import Tx
from events.registry import ProfileState
from matching.profile.model.engagement import Engagement, engagements_of
from matching.profile.model.profile import Profile
from matching.profile.model.published import profile_of, row_of, state_of
from matching.profile.model.week import WEEK
from matching.profile.store.pool import pool_for
from matching.profile.tables import commitments, profile_numbers, profile_versions, profiles

VERSIONS: Final = profile_versions
"""The table of all versions, for queries of the slices above."""
_STORED: Final = (profiles.c.state, profiles.c.minutes_taken, profiles.c.engagements, profiles.c.asked_on)
_THIS_TRANSACTION: Final = cast(cast(func.pg_current_xact_id(), Text), BigInteger)


async def put(tx: Tx, states: Sequence[ProfileState]) -> list[ProfileState]:
    """Store what registry published, the last of each trainer; return the states that changed something.

    Raises:
        Invalid: numbers that fit into no week.
    """
    latest = {state.trainer_id: state for state in states}
    for state in latest.values():
        profile_of(state, engagements=(), day=tx.today)
    rows = [
        {
            "trainer_id": trainer_id,
            "version": profile_numbers.next_value(),
            "state": row_of(latest[trainer_id]),
            "minutes_taken": 0,
            "settled": profile_numbers.next_value(),
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
            "settled": profile_numbers.next_value(),
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
    numbers = {"version": profile_numbers.next_value(), "settled": profile_numbers.next_value()}
    await tx.execute(
        update(profiles)
        .where(profiles.c.trainer_id == trainer_id)
        .values(state=None, **numbers, changed_in=_THIS_TRANSACTION)
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
        "settled": profile_numbers.next_value(),
        "state": None,
        "minutes_taken": 0,
        "engagements": None,
        "asked_on": None,
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
    # Their minutes stay, so that a contract that runs is not forgotten; where and when it is goes.
    await tx.execute(update(commitments).where(commitments.c.trainer_id == trainer_id).values(engagement=None))
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


async def lock(tx: Tx, trainer_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Make others that engage these trainers wait until this transaction ends; return which version is theirs then."""
    query = select(profiles.c.trainer_id, profiles.c.version).where(profiles.c.trainer_id.in_(trainer_ids))
    rows = await tx.execute(query.order_by(profiles.c.trainer_id).with_for_update())
    return {row.trainer_id: row.version for row in rows}


async def profile(tx: Tx, trainer_id: UUID, *, lock: bool = False) -> Profile | None:
    """Return a profile as of today, None of a trainer who is gone; with ``lock`` others wait for this transaction."""
    query = select(*_STORED).where(profiles.c.trainer_id == trainer_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None or row.state is None else _read(row, tx.today)


async def profiles_at(tx: Tx, versions: Sequence[int], day: date) -> list[Profile]:
    """Return profiles as they were in these versions, as far as they still are there."""
    wanted = any_(cast(versions, postgresql.ARRAY(BigInteger)))
    columns = (profile_versions.c[column.name] for column in _STORED)
    return [_read(row, day) for row in await tx.execute(select(*columns).where(profile_versions.c.version == wanted))]


# -- engagements --------------------------------------------------------------------------------------------------


async def engage(tx: Tx, trainer_id: UUID, engagement: Engagement) -> None:
    """Let an open or accepted proposal count, or count otherwise than before; the profile must be locked.

    An open one is also a day on which the trainer was asked.
    """
    facts = {
        "minutes_per_week": engagement.minutes_per_week,
        "agreed": engagement.agreed,
        "engagement": engagement.to_json(),
    }
    row = postgresql.insert(commitments).values(proposal_id=engagement.proposal_id, trainer_id=trainer_id, **facts)
    await tx.execute(row.on_conflict_do_update(index_elements=["proposal_id"], set_=facts))
    if not engagement.agreed:
        asked = profiles.c.trainer_id == trainer_id
        await tx.execute(update(profiles).where(asked, ~profiles.c.erased).values(asked_on=tx.today))
    await _count(tx, trainer_id, settled=engagement.agreed)


async def engagement(tx: Tx, proposal_id: UUID) -> Engagement | None:
    """Return what a proposal takes of its trainer; None where it takes nothing, or only the minutes are known."""
    query = select(commitments.c.engagement).where(commitments.c.proposal_id == proposal_id)
    stored = (await tx.execute(query)).scalar_one_or_none()
    return None if stored is None else Engagement.of_json(stored)


async def release(tx: Tx, trainer_id: UUID, proposal_id: UUID) -> bool:
    """Give a trainer back what a proposal took; return whether it took anything of a trainer who is still there."""
    query = delete(commitments).where(commitments.c.proposal_id == proposal_id).returning(commitments.c.agreed)
    agreed = (await tx.execute(query)).scalar_one_or_none()
    return agreed is not None and await _count(tx, trainer_id, settled=agreed)


async def _count(tx: Tx, trainer_id: UUID, *, settled: bool) -> bool:
    """Write to the profile what the trainer is engaged in; return whether the trainer is there."""
    mine = profiles.c.trainer_id == trainer_id
    known = select(profiles.c.state.is_not(None).label("there"), profiles.c.erased).where(mine)
    profile = (await tx.execute(known.with_for_update())).one_or_none()
    if profile is None:
        return False
    taken = select(commitments).where(commitments.c.trainer_id == trainer_id).order_by(commitments.c.proposal_id)
    rows = (await tx.execute(taken)).all()
    numbers = {"version": profile_numbers.next_value()}
    if settled:
        numbers["settled"] = profile_numbers.next_value()
    counted = {
        "minutes_taken": sum(row.minutes_per_week for row in rows if row.agreed),
        "engagements": None if profile.erased else [_json(row) for row in rows],
        "changed_in": _THIS_TRANSACTION,
    }
    await tx.execute(update(profiles).where(mine).values(**counted, **numbers))
    await _keep_versions(tx, [trainer_id])
    return bool(profile.there)


def _json(row: Any) -> dict[str, Any]:
    if row.engagement is not None:
        return dict(row.engagement)
    minutes = min(row.minutes_per_week, WEEK)
    return Engagement(proposal_id=row.proposal_id, agreed=row.agreed, minutes_per_week=minutes).to_json()


def _read(row: Any, day: date) -> Profile:
    engagements = engagements_of(row.engagements, row.minutes_taken)
    return profile_of(state_of(row.state), engagements=engagements, asked_on=row.asked_on, day=day)


# -- versions -----------------------------------------------------------------------------------------------------


async def _keep_versions(tx: Tx, trainer_ids: Collection[UUID]) -> None:
    if not trainer_ids:
        return
    await _supersede(tx, trainer_ids)
    columns = ("trainer_id", "version", "state", "minutes_taken", "engagements", "asked_on")
    current = select(*(profiles.c[name] for name in columns)).where(
        profiles.c.trainer_id.in_(trainer_ids), profiles.c.state.is_not(None)
    )
    await tx.execute(insert(profile_versions).from_select(columns, current))


async def _supersede(tx: Tx, trainer_ids: Collection[UUID]) -> None:
    """Note when the present versions stopped being seen: by the real order of things, not by an event's date."""
    present = profile_versions.c.trainer_id.in_(trainer_ids) & profile_versions.c.superseded_at.is_(None)
    await tx.execute(update(profile_versions).where(present).values(superseded_at=tx.opened_at))
