"""Deliveries: one row per event and endpoint, taken in order per subject, kept when the attempts are used up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert

from common.transaction import Tx, uuid7
from notifications.store.tables import deliveries

LEASE: Final = 45
"""Seconds of real time; after a crash another worker delivers then: the receiver knows a repeat by its webhook-id."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker, and no other, attempts now."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    attempts: int
    body: str
    troubled: bool
    """Whether its endpoint failed or asked for patience before."""


async def owe(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write deliveries that are not there yet; each row names endpoint_id, event_id, position and subject."""
    if rows:
        common = {"status": "pending", "due_at": tx.now, "planned_at": tx.now}
        await tx.execute(
            insert(deliveries).on_conflict_do_nothing(), [{"id": uuid7(), **common, **row} for row in rows]
        )


async def claim(tx: Tx, *, per_endpoint: int, busy: Collection[UUID]) -> list[Claim]:
    """Take deliveries that are due: of each subject the first, of each endpoint a few, of a failing one a single."""
    rows = await tx.execute(_CLAIM, {"now": tx.now, "lease": LEASE, "each": per_endpoint, "busy": sorted(busy)})
    claims = [
        (row.position, Claim(row.id, row.endpoint_id, row.event_id, row.attempts, row.body, row.troubled))
        for row in rows
    ]
    return [claimed for _, claimed in sorted(claims, key=lambda one: one[0])]


async def delivered(tx: Tx, claimed: Claim, answer: int) -> bool:
    """Note that it was taken; False where the lease was overtaken."""
    values = {"status": "delivered", "delivered_at": tx.now, "leased_until": None, "answer": answer, "reason": None}
    return await _note(tx, claimed, values)


async def failed(tx: Tx, claimed: Claim, *, again_at: datetime | None, answer: int | None, reason: str) -> bool:
    """Note a failure: tried again at that moment, or kept; False where the lease was overtaken."""
    values: dict[str, Any] = {"leased_until": None, "answer": answer, "reason": reason}
    return await _note(tx, claimed, {**values, "due_at": again_at} if again_at else {**values, "status": "kept"})


async def redeliver(tx: Tx, endpoint_id: UUID, owner_id: UUID, **which: Any) -> int:
    """Owe again what an owner may see: one ``event_id``, or all from ``since`` to ``until``; return how many.

    What was never owed, since the endpoint came later or asked for other events, is owed from now on.
    """
    asked = {"event_id": None, "since": None, "until": None, "names": None, **which}
    result = await tx.execute(_REDELIVER, {"endpoint_id": endpoint_id, "owner_id": owner_id, "now": tx.now, **asked})
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


async def _note(tx: Tx, claimed: Claim, values: Mapping[str, Any]) -> bool:
    mine = (
        (deliveries.c.id == claimed.id)
        & (deliveries.c.attempts == claimed.attempts)
        & (deliveries.c.status == "pending")
    )
    return bool((await tx.execute(update(deliveries).where(mine).values(values))).rowcount)


_CLAIM: Final = text("""
    WITH due AS (
        SELECT d.id, coalesce(h.failing_since, h.throttled_until) IS NOT NULL AS troubled
        FROM endpoints e
        LEFT JOIN endpoint_health h ON h.endpoint_id = e.id
        CROSS JOIN LATERAL (
            SELECT d.id
            FROM deliveries d
            WHERE d.endpoint_id = e.id AND d.status = 'pending' AND d.due_at <= :now
              AND (d.leased_until IS NULL OR d.leased_until < clock_timestamp())
              AND NOT EXISTS (
                  SELECT 1 FROM deliveries before
                  WHERE before.endpoint_id = d.endpoint_id AND before.subject = d.subject
                    AND before.status = 'pending' AND before.position < d.position
              )
            ORDER BY d.position
            LIMIT CASE WHEN h.failing_since IS NULL THEN CAST(:each AS int) ELSE 1 END
            FOR UPDATE SKIP LOCKED
        ) d
        WHERE e.status = 'enabled' AND e.id <> ALL(CAST(:busy AS uuid[]))
          AND (h.throttled_until IS NULL OR h.throttled_until <= :now)
    )
    UPDATE deliveries d SET attempts = d.attempts + 1,
                            leased_until = clock_timestamp() + make_interval(secs => :lease)
    FROM due, feed f
    WHERE d.id = due.id AND f.event_id = d.event_id
    RETURNING d.id, d.endpoint_id, d.event_id, d.attempts, d.position, f.body, due.troubled
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
    SET status = 'pending', attempts = 0, due_at = excluded.due_at, leased_until = NULL, reason = NULL
""")
