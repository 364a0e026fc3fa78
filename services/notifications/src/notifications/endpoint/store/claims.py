"""Claim deliveries: what there is room for, fairly over the endpoints, and of a closed gate a probe."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import text

from common.persistence.database import Database
from common.persistence.lease import SUSPECT, Lease, LeasedRows


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker, and no other, attempts now."""

    lease: Lease
    endpoint_id: UUID
    event_id: UUID
    subject: str
    body: str | None
    """None where the feed has not got the event any more."""
    probe: bool
    """Whether the endpoint's gate is closed, and this one finds out whether it may open."""
    early: bool
    """Whether it is tried before its own time, as a probe."""
    degraded: bool
    """Whether its endpoint failed or asked for patience before."""

    @property
    def id(self) -> UUID:
        """Of the delivery."""
        return self.lease.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of a claim."""

    per_endpoint: int
    strangers: int
    """How many may be claimed for endpoints that have not answered in time lately, all of these together."""
    probes: int
    """How many endpoints with a closed gate may be probed now."""
    probe_every: timedelta
    """How soon the same endpoint may be probed again, whatever comes of this probe."""
    longest_wait: timedelta
    """A gate or a throttle that ends later than this was set before the clock was moved back."""


async def claim(
    database: Database,
    *,
    room: int,
    alone: bool,
    seconds: float,
    limits: Limits,
    busy: Mapping[UUID, int],
    swift: Collection[UUID],
) -> list[Claim]:
    """Claim deliveries that are due, as many as there is room for, spread over the endpoints.

    Of each subject only the first; of an endpoint whose gate is closed a single one now and then. ``busy`` is how
    many are under way to an endpoint in this process, ``swift`` which endpoints answer in time.
    """
    now = database.clock.real_now()
    rows = await database.execute(
        _CLAIM_ALONE if alone else _CLAIM,
        {
            "now": now,
            "room": room,
            "seconds": seconds,
            "token": uuid4(),
            "suspect": SUSPECT,
            "each": limits.per_endpoint,
            "strangers": limits.strangers,
            "swift": list(swift),
            "probes": limits.probes,
            "soon": now + limits.probe_every,
            "never": now + limits.longest_wait,
            "busy": list(busy),
            "counts": list(busy.values()),
        },
    )
    return [
        Claim(Lease.of(row), row.endpoint_id, row.event_id, row.subject, row.body, row.probe, row.early, row.degraded)
        for row in sorted(rows, key=lambda row: row.position)
    ]


rows: Final = LeasedRows("deliveries", claimable="status = 'pending' AND NOT behind")
# What both kinds of claim do with the rows that they locked.
_TAKE: Final = """
    UPDATE deliveries d SET attempts = d.attempts + 1, deaths = d.deaths + (d.lease IS NOT NULL)::int, lease = :token,
                            leased_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM locked LEFT JOIN feed f ON f.event_id = locked.event_id
    WHERE d.id = locked.id
    RETURNING d.id, d.endpoint_id, d.event_id, d.subject, d.attempts, d.deaths, d.lease, d.position,
              coalesce(f.party_bodies ->> (SELECT owner_id::text FROM endpoints WHERE id = d.endpoint_id), f.body)
                  AS body,
              locked.probe, locked.degraded, locked.early
"""
# One bound for ``due_at``, whatever the gate: an index serves no ``OR``.
# Of an endpoint that failed a probe also what waits for its own time: it may be all there is to probe with.
_CLAIM: Final = text(f"""
    WITH ready AS (
        SELECT e.id, h.probe_at IS NOT NULL AS probe, h.probe_at IS NOT NULL AND h.probes > 0 AS down,
               coalesce(h.probe_at, h.failing_since, h.throttled_until) IS NOT NULL AS degraded,
               e.id <> ALL(CAST(:swift AS uuid[])) AS stranger,
               :each - coalesce(b.count, 0) AS room, greatest(b.count, 0) AS under_way, count(*) OVER () AS number,
               row_number() OVER (PARTITION BY h.probe_at IS NOT NULL ORDER BY h.probe_at) AS place
        FROM endpoints e
        LEFT JOIN endpoint_health h ON h.endpoint_id = e.id
        LEFT JOIN unnest(CAST(:busy AS uuid[]), CAST(:counts AS int[])) AS b (id, count) ON b.id = e.id
        CROSS JOIN LATERAL (
            SELECT FROM deliveries d
            WHERE d.endpoint_id = e.id AND d.status = 'pending' AND NOT d.behind
              AND d.due_at <= CASE WHEN h.probe_at IS NOT NULL AND h.probes > 0 THEN 'infinity'
                                   ELSE CAST(:now AS timestamptz) END
            LIMIT 1
        ) AS something
        WHERE e.status = 'enabled'
          AND (h.throttled_until IS NULL OR h.throttled_until <= :now OR h.throttled_until > :never)
          AND (h.probe_at IS NULL OR h.probe_at <= :now OR h.probe_at > :never)
          AND coalesce(b.count, 0) < :each
    ), found AS (
        SELECT d.id, ready.probe, ready.degraded, ready.stranger, ready.under_way + d.turn AS turn,
               d.due_at > :now AS early
        FROM ready
        CROSS JOIN LATERAL (
            SELECT d.id, d.due_at, row_number() OVER (ORDER BY d.due_at, d.position) AS turn
            FROM deliveries d
            WHERE d.endpoint_id = ready.id AND d.status = 'pending' AND NOT d.behind
              AND d.due_at <= CASE WHEN ready.down THEN 'infinity' ELSE CAST(:now AS timestamptz) END
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
        SELECT *
        FROM (SELECT *, row_number() OVER (PARTITION BY stranger ORDER BY turn, random()) AS place FROM found) AS placed
        WHERE NOT stranger OR place <= :strangers
        ORDER BY turn, random() LIMIT :room
    ), locked AS (
        SELECT d.id, d.event_id, picked.probe, picked.degraded, picked.early
        FROM deliveries d JOIN picked ON picked.id = d.id
        WHERE d.status = 'pending' AND (d.leased_until IS NULL OR d.leased_until < now())
        FOR UPDATE OF d SKIP LOCKED
    ), probed AS (
        UPDATE endpoint_health h SET probe_at = :soon
        FROM locked JOIN deliveries d ON d.id = locked.id
        WHERE locked.probe AND h.endpoint_id = d.endpoint_id AND h.probe_at IS NOT NULL
    )
    {_TAKE}
""")  # noqa: S608 - our own words
_CLAIM_ALONE: Final = text(f"""
    WITH locked AS (
        SELECT d.id, d.event_id, h.probe_at IS NOT NULL AS probe, true AS degraded, d.due_at > :now AS early
        FROM deliveries d
        JOIN endpoints e ON e.id = d.endpoint_id AND e.status = 'enabled'
        LEFT JOIN endpoint_health h ON h.endpoint_id = d.endpoint_id
        WHERE d.deaths > 0 AND d.deaths + (d.lease IS NOT NULL)::int >= :suspect
          AND d.status = 'pending' AND NOT d.behind AND d.due_at <= :now
          AND (d.leased_until IS NULL OR d.leased_until < now())
        ORDER BY d.due_at, d.position LIMIT 1
        FOR UPDATE OF d SKIP LOCKED
    )
    {_TAKE}
""")  # noqa: S608 - our own words
