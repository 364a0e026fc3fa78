"""Deliveries: one row per event and endpoint, taken in order per subject, kept when the attempts are used up.

Of each subject the first pending one is its head; the others are *behind* it, and no claim looks at them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert

from common.db import Database
from common.lease import SUSPECT, Lease, LeasedRows
from common.transaction import Tx, uuid7
from notifications.store.tables import deliveries

QUEUE: Final = "notifications.deliveries"


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker, and no other, attempts now."""

    lease: Lease
    endpoint_id: UUID
    event_id: UUID
    subject: str
    body: str
    probe: bool
    """Whether the endpoint's gate is closed, and this one finds out whether it may open."""
    early: bool
    """Whether it is tried before its own time, as a probe."""
    troubled: bool
    """Whether its endpoint failed or asked for patience before."""

    @property
    def id(self) -> UUID:
        """Of the delivery."""
        return self.lease.id


async def owe(tx: Tx, new: Sequence[Mapping[str, Any]]) -> None:
    """Write deliveries that are not there yet; each names endpoint_id, event_id, position and subject.

    The last pending one of each subject is locked: a worker that is ending it either sees the new one, and makes it
    due, or has ended it, and the new one is due at once.
    """
    if not new:
        return
    subjects = sorted({(row["endpoint_id"], row["subject"]) for row in new})
    waiting = await tx.execute(
        _LOCK_LAST, {"endpoints": [one for one, _ in subjects], "subjects": [subject for _, subject in subjects]}
    )
    pending = {(row.endpoint_id, row.subject) for row in waiting}
    common = {"status": "pending", "due_at": tx.now, "planned_at": tx.now}
    rows = []
    for row in sorted(new, key=lambda row: row["position"]):
        place = (row["endpoint_id"], row["subject"])
        rows.append({"id": uuid7(), **common, **row, "behind": place in pending})
        pending.add(place)
    await tx.execute(insert(deliveries).on_conflict_do_nothing(), rows)
    tx.woken.add(QUEUE)


async def claim(
    database: Database, *, room: int, alone: bool, seconds: float, limits: Limits, busy: Mapping[UUID, int]
) -> list[Claim]:
    """Claim deliveries that are due, as many as there is room for, spread over the endpoints.

    Of each subject only the first; of an endpoint whose gate is closed a single one now and then. ``busy`` tells how
    many are under way to an endpoint in this process.
    """
    now = database.clock.now()
    rows = await database.execute(
        _CLAIM_ALONE if alone else _CLAIM,
        {
            "now": now,
            "room": room,
            "seconds": seconds,
            "token": uuid4(),
            "suspect": SUSPECT,
            "each": limits.per_endpoint,
            "probes": limits.probes,
            "soon": now + limits.probe_every,
            "never": now + limits.longest_wait,
            "busy": list(busy),
            "counts": list(busy.values()),
        },
    )
    return [
        Claim(Lease.of(row), row.endpoint_id, row.event_id, row.subject, row.body, row.probe, row.early, row.troubled)
        for row in sorted(rows, key=lambda row: row.position)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a claim may take."""

    per_endpoint: int
    probes: int
    """How many endpoints with a closed gate may be probed now."""
    probe_every: timedelta
    """How soon the same endpoint may be probed again, whatever comes of this probe."""
    longest_wait: timedelta
    """A gate or a throttle that ends later than this was set before the clock was moved back."""


async def delivered(tx: Tx, claimed: Claim, answer: int) -> bool:
    """Note that it was taken; False where the lease was overtaken."""
    return await _end(tx, claimed, {"status": "delivered", "delivered_at": tx.now, "answer": answer, "reason": None})


async def failed(tx: Tx, claimed: Claim, *, again_at: datetime, answer: int | None, reason: str, counts: bool) -> bool:
    """Note a failure that is tried again; False where the lease was overtaken. ``counts``: it used up an attempt."""
    values: dict[str, Any] = {"due_at": again_at, "answer": answer, "reason": reason}
    if not counts:
        values["attempts"] = claimed.lease.attempts - 1
    return await _note(tx, claimed, values)


async def give_back(tx: Tx, claimed: Claim, *, answer: int | None, reason: str) -> bool:
    """Note the failure of a probe before its time: it changes neither its attempts nor when it is due."""
    values = {"attempts": claimed.lease.attempts - 1, "answer": answer, "reason": reason}
    return await _note(tx, claimed, values)


async def keep(tx: Tx, claimed: Claim, *, answer: int | None, reason: str) -> bool:
    """Try no more by itself; False where the lease was overtaken."""
    return await _end(tx, claimed, {"status": "kept", "answer": answer, "reason": reason})


async def all_due(tx: Tx, endpoint_id: UUID) -> int:
    """Make all that waits for its next attempt due now; return how many that were."""
    return int((await tx.execute(_ALL_DUE, {"endpoint_id": endpoint_id, "now": tx.now})).rowcount)


async def redeliver(tx: Tx, endpoint_id: UUID, owner_id: UUID, **which: Any) -> int:
    """Owe again what an owner may see: one ``event_id``, or all from ``since`` to ``until``; return how many.

    What was never owed, since the endpoint came later or asked for other events, is owed from now on.
    """
    asked = {"event_id": None, "since": None, "until": None, "names": None, **which}
    result = await tx.execute(_REDELIVER, {"endpoint_id": endpoint_id, "owner_id": owner_id, "now": tx.now, **asked})
    await tx.execute(_RANK, {"endpoint_id": endpoint_id})
    tx.woken.add(QUEUE)
    return int(result.rowcount)


async def forget(tx: Tx, endpoint_id: UUID) -> None:
    """Owe a removed endpoint nothing more; what was delivered stays on record."""
    await tx.execute(
        delete(deliveries).where(deliveries.c.endpoint_id == endpoint_id, deliveries.c.status != "delivered")
    )


async def tidy(tx: Tx, *, before: datetime) -> int:
    """Forget what was delivered before a moment; return how many."""
    old = (deliveries.c.status == "delivered") & (deliveries.c.delivered_at < before)
    return int((await tx.execute(delete(deliveries).where(old))).rowcount)


async def _end(tx: Tx, claimed: Claim, values: Mapping[str, Any]) -> bool:
    """End a delivery; what comes after it in its subject is then due."""
    if not await _note(tx, claimed, values):
        return False
    # A statement of its own: it sees what was enqueued while the one before waited for its row.
    await tx.execute(_NEXT, {"endpoint_id": claimed.endpoint_id, "subject": claimed.subject, "now": tx.now})
    return True


async def _note(tx: Tx, claimed: Claim, values: Mapping[str, Any]) -> bool:
    mine = (
        (deliveries.c.id == claimed.id)
        & (deliveries.c.lease == claimed.lease.token)
        & (deliveries.c.status == "pending")
    )
    free = {"leased_until": None, "lease": None, "deaths": 0}
    return bool((await tx.execute(update(deliveries).where(mine).values({**free, **values}))).rowcount)


rows: Final = LeasedRows("deliveries", claimable="status = 'pending' AND NOT behind")
# Of an endpoint that failed a probe also what waits for its own time: it may be all there is to probe with.
_CLAIM: Final = text("""
    WITH ready AS (
        SELECT e.id, h.probe_at IS NOT NULL AS probe, h.probe_at IS NOT NULL AND h.probes > 0 AS down,
               coalesce(h.probe_at, h.failing_since, h.throttled_until) IS NOT NULL AS troubled,
               :each - coalesce(b.count, 0) AS room, greatest(b.count, 0) AS under_way, count(*) OVER () AS number,
               row_number() OVER (PARTITION BY h.probe_at IS NOT NULL ORDER BY h.probe_at) AS place
        FROM endpoints e
        LEFT JOIN endpoint_health h ON h.endpoint_id = e.id
        LEFT JOIN unnest(CAST(:busy AS uuid[]), CAST(:counts AS int[])) AS b (id, count) ON b.id = e.id
        WHERE e.status = 'enabled'
          AND (h.throttled_until IS NULL OR h.throttled_until <= :now OR h.throttled_until > :never)
          AND (h.probe_at IS NULL OR h.probe_at <= :now OR h.probe_at > :never)
          AND coalesce(b.count, 0) < :each
          AND EXISTS (
              SELECT FROM deliveries d
              WHERE d.endpoint_id = e.id AND d.status = 'pending' AND NOT d.behind
                AND (d.due_at <= :now OR h.probe_at IS NOT NULL AND h.probes > 0)
          )
    ), found AS (
        SELECT d.id, ready.probe, ready.troubled, ready.under_way + d.turn AS turn, d.due_at > :now AS early
        FROM ready
        CROSS JOIN LATERAL (
            SELECT d.id, d.due_at, row_number() OVER (ORDER BY d.due_at, d.position) AS turn
            FROM deliveries d
            WHERE d.endpoint_id = ready.id AND d.status = 'pending' AND NOT d.behind
              AND (d.due_at <= :now OR ready.down)
              AND (d.leased_until IS NULL OR d.leased_until < now())
              AND d.deaths + (d.lease IS NOT NULL)::int < :suspect
              AND NOT EXISTS (
                  SELECT FROM deliveries before
                  WHERE before.endpoint_id = d.endpoint_id AND before.subject = d.subject
                    AND before.status = 'pending' AND before.position < d.position
              )
            ORDER BY d.due_at, d.position
            LIMIT CASE WHEN ready.probe THEN 1
                       ELSE least(ready.room, ceil(CAST(:room AS numeric) / ready.number)) END
        ) d
        WHERE NOT ready.probe OR ready.place <= :probes
    ), picked AS (
        SELECT * FROM found ORDER BY turn, random() LIMIT :room
    ), locked AS (
        SELECT d.id, picked.probe, picked.troubled, picked.early
        FROM deliveries d JOIN picked ON picked.id = d.id
        WHERE d.status = 'pending' AND (d.leased_until IS NULL OR d.leased_until < now())
        FOR UPDATE OF d SKIP LOCKED
    ), probed AS (
        UPDATE endpoint_health h SET probe_at = :soon
        FROM locked JOIN deliveries d ON d.id = locked.id
        WHERE locked.probe AND h.endpoint_id = d.endpoint_id AND h.probe_at IS NOT NULL
    )
    UPDATE deliveries d SET attempts = d.attempts + 1, deaths = d.deaths + (d.lease IS NOT NULL)::int, lease = :token,
                            leased_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM locked, feed f
    WHERE d.id = locked.id AND f.event_id = d.event_id
    RETURNING d.id, d.endpoint_id, d.event_id, d.subject, d.attempts, d.deaths, d.lease, d.position, f.body,
              locked.probe, locked.troubled, locked.early
""")
_CLAIM_ALONE: Final = text("""
    WITH suspect AS (
        SELECT d.id, h.probe_at IS NOT NULL AS probe, d.due_at > :now AS early
        FROM deliveries d
        JOIN endpoints e ON e.id = d.endpoint_id AND e.status = 'enabled'
        LEFT JOIN endpoint_health h ON h.endpoint_id = d.endpoint_id
        WHERE d.deaths > 0 AND d.deaths + (d.lease IS NOT NULL)::int >= :suspect
          AND d.status = 'pending' AND NOT d.behind AND d.due_at <= :now
          AND (d.leased_until IS NULL OR d.leased_until < now())
        ORDER BY d.due_at, d.position LIMIT 1
        FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE deliveries d SET attempts = d.attempts + 1, deaths = d.deaths + (d.lease IS NOT NULL)::int, lease = :token,
                            leased_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM suspect, feed f
    WHERE d.id = suspect.id AND f.event_id = d.event_id
    RETURNING d.id, d.endpoint_id, d.event_id, d.subject, d.attempts, d.deaths, d.lease, d.position, f.body,
              suspect.probe, true AS troubled, suspect.early
""")
_LOCK_LAST: Final = text("""
    SELECT last.endpoint_id, last.subject
    FROM unnest(CAST(:endpoints AS uuid[]), CAST(:subjects AS text[])) WITH ORDINALITY AS new (endpoint_id, subject, n)
    CROSS JOIN LATERAL (
        SELECT d.endpoint_id, d.subject FROM deliveries d
        WHERE d.endpoint_id = new.endpoint_id AND d.subject = new.subject AND d.status = 'pending'
        ORDER BY d.position DESC LIMIT 1
        FOR NO KEY UPDATE
    ) last
    ORDER BY new.n
""")
_NEXT: Final = text("""
    UPDATE deliveries SET behind = false, due_at = least(due_at, :now)
    WHERE id = (
        SELECT id FROM deliveries
        WHERE endpoint_id = :endpoint_id AND subject = :subject AND status = 'pending'
        ORDER BY position LIMIT 1
    )
""")
_ALL_DUE: Final = text("""
    UPDATE deliveries d SET due_at = :now
    FROM (
        SELECT id FROM deliveries
        WHERE endpoint_id = :endpoint_id AND status = 'pending' AND NOT behind AND due_at > :now
        ORDER BY subject, position
        FOR NO KEY UPDATE
    ) AS waiting
    WHERE d.id = waiting.id
""")
_RANK: Final = text("""
    UPDATE deliveries d SET behind = ranked.place > 1
    FROM (
        SELECT id, row_number() OVER (PARTITION BY subject ORDER BY position) AS place
        FROM deliveries WHERE endpoint_id = :endpoint_id AND status = 'pending'
    ) AS ranked
    WHERE ranked.id = d.id AND d.behind <> (ranked.place > 1)
""")
_REDELIVER: Final = text("""
    INSERT INTO deliveries (id, endpoint_id, event_id, position, subject, status, attempts, due_at, planned_at)
    SELECT gen_random_uuid(), :endpoint_id, event_id, position, subject, 'pending', 0, :now, :now
    FROM feed
    WHERE owners && ARRAY[CAST(:owner_id AS uuid)]
      AND (CAST(:event_id AS uuid) IS NULL OR event_id = :event_id)
      AND (CAST(:since AS timestamptz) IS NULL OR recorded_at >= :since)
      AND (CAST(:until AS timestamptz) IS NULL OR recorded_at < :until)
      AND (CAST(:names AS text[]) IS NULL OR event = ANY(CAST(:names AS text[])))
    ORDER BY position
    ON CONFLICT (endpoint_id, event_id) DO UPDATE
    SET status = 'pending', attempts = 0, due_at = excluded.due_at, leased_until = NULL, lease = NULL, deaths = 0,
        reason = NULL
""")
