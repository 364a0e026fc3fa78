"""Webhook endpoints and their health."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from common.persistence.store import Store
from common.persistence.transaction import Tx
from notifications.endpoint.model.endpoint import Endpoint, Status, host_of
from notifications.endpoint.tables import endpoints, health

store: Final = Store(Endpoint, endpoints)


async def present(tx: Tx) -> list[Endpoint]:
    """Return every endpoint that gets events, whether it takes them at this moment or not."""
    return await store.where(tx, endpoints.c.status != Status.REMOVED)


async def hosts(tx: Tx, owner_id: UUID, host: str) -> tuple[list[str], int]:
    """Return the hosts of an organisation's endpoints, and how many endpoints of all there are at ``host``.

    One transaction at a time: two that register at once would both find room for the last one.
    """
    await tx.execute(_ONE_AT_A_TIME)
    there = select(endpoints.c.owner_id, endpoints.c.url).where(endpoints.c.status != Status.REMOVED)
    found = (await tx.execute(there.where((endpoints.c.owner_id == owner_id) | endpoints.c.url.icontains(host)))).all()
    own = [host_of(row.url) for row in found if row.owner_id == owner_id]
    return own, sum(host_of(row.url) == host for row in found)


async def these(tx: Tx, ids: Collection[UUID]) -> list[Endpoint]:
    """Return those that are there."""
    return await store.where(tx, endpoints.c.id.in_(sorted(ids)))


async def reset_health(tx: Tx, endpoint_id: UUID, reason: str | None) -> None:
    """Forget how an endpoint fared: it is asked anew whether it wants webhooks."""
    anew = {"reason": reason, "failing_since": None, "probe_at": None, "probes": 0}
    row = insert(health).values(endpoint_id=endpoint_id, **anew)
    await tx.execute(row.on_conflict_do_update(index_elements=["endpoint_id"], set_=anew))


async def set_reason(tx: Tx, endpoint_id: UUID, reason: str | None) -> None:
    """Record why an endpoint gets nothing yet; None where it does."""
    await tx.execute(update(health).where(health.c.endpoint_id == endpoint_id).values(reason=reason))


async def record_success(tx: Tx, endpoint_id: UUID) -> bool:
    """Record that an endpoint took something, and open its gate; return whether it had been failing."""
    failing = (
        health.c.failing_since.is_not(None) | health.c.throttled_until.is_not(None) | health.c.probe_at.is_not(None)
    )
    better = update(health).where(health.c.endpoint_id == endpoint_id, failing)
    changed = better.values(failing_since=None, throttled_until=None, probe_at=None, probes=0, reason=None)
    return bool((await tx.execute(changed)).rowcount)


async def record_failure(
    tx: Tx, endpoint_id: UUID, *, probe_at: datetime, probed: bool, throttled_until: datetime | None, reason: str
) -> datetime:
    """Record that an endpoint failed, and close its gate until ``probe_at``; return since when it fails.

    What was under way when the gate closed, or was a probe of before, moves no later probe.
    """
    row = insert(health).values(
        endpoint_id=endpoint_id,
        failing_since=tx.now,
        throttled_until=throttled_until,
        probe_at=probe_at,
        probes=int(probed),
        reason=reason,
    )
    moved = row.excluded.probe_at if probed else func.coalesce(health.c.probe_at, row.excluded.probe_at)
    changes: dict[str, Any] = {
        "failing_since": func.coalesce(health.c.failing_since, row.excluded.failing_since),
        "throttled_until": func.greatest(health.c.throttled_until, row.excluded.throttled_until),
        "probe_at": moved,
        "probes": health.c.probes + row.excluded.probes,
        "reason": row.excluded.reason,
    }
    changed = row.on_conflict_do_update(index_elements=["endpoint_id"], set_=changes).returning(health.c.failing_since)
    since: datetime = (await tx.execute(changed)).scalar_one()
    return since


async def delete_health(tx: Tx, endpoint_id: UUID) -> None:
    """Delete the health of a removed endpoint."""
    await tx.execute(delete(health).where(health.c.endpoint_id == endpoint_id))


async def failing_since(tx: Tx, endpoint_id: UUID) -> datetime | None:
    """Return since when an endpoint fails; None where it does not."""
    found: datetime | None = (
        await tx.execute(select(health.c.failing_since).where(health.c.endpoint_id == endpoint_id))
    ).scalar_one_or_none()
    return found


async def probes_failed(tx: Tx, endpoint_id: UUID) -> tuple[int, datetime | None]:
    """Return how many probes failed in a row, and since when the endpoint fails."""
    columns = select(health.c.probes, health.c.failing_since).where(health.c.endpoint_id == endpoint_id)
    found = (await tx.execute(columns)).one_or_none()
    return (0, None) if found is None else (int(found.probes), found.failing_since)


_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('webhook endpoints'))")
