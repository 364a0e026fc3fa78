"""Read endpoints and deliveries, each by its owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from common.caller import Caller
from common.errors import NotFound
from common.persistence.listing import Owned, owned_by
from common.persistence.transaction import Tx
from common.persistence.visibility import owned
from notifications.authority import STAFF
from notifications.endpoint.model.endpoint import Endpoint, Status
from notifications.endpoint.store.endpoints import store
from notifications.endpoint.tables import deliveries, endpoints, health
from notifications.feed.queries import with_event
from notifications.tables import in_status


def endpoint_list() -> Select[Any]:
    """Return endpoints with their health, to be listed for the owners that ``endpoints_of`` names."""
    query = select(endpoints, health.c.failing_since, health.c.throttled_until, health.c.reason)
    joined = query.outerjoin(health, health.c.endpoint_id == endpoints.c.id)
    return joined.where(endpoints.c.status != Status.REMOVED)


async def endpoint_shown(tx: Tx, endpoint_id: UUID) -> Any:
    """Return the row of an endpoint that the caller just registered or changed."""
    return (await tx.execute(endpoint_list().where(endpoints.c.id == endpoint_id))).one()


def endpoints_of(caller: Caller) -> Owned:
    """Return the endpoints of the organisations for which a caller acts."""
    return owned(caller, all_for=STAFF, parties=endpoints.c.owner_id)


async def one_endpoint(tx: Tx, caller: Caller, endpoint_id: UUID) -> Any:
    """Return an endpoint's row.

    Raises:
        NotFound: there is none, or it belongs to another owner.
    """
    query = endpoint_list().where(endpoints.c.id == endpoint_id, endpoints_of(caller).condition())
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(what="webhook endpoint", id=endpoint_id)
    return row


async def endpoint_to_change(tx: Tx, caller: Caller, endpoint_id: UUID) -> Endpoint:
    """Return an endpoint that the caller may change, and lock it.

    Raises:
        NotFound: there is none, or it belongs to another owner.
    """
    await one_endpoint(tx, caller, endpoint_id)
    return await store.get(tx, endpoint_id, lock=True)


async def deliveries_of(tx: Tx, caller: Caller) -> Owned:
    """Return the deliveries to a caller's endpoints, of which there are not many."""
    mine = endpoints_of(caller)
    if mine.everything:
        return mine
    ids = (await tx.execute(select(endpoints.c.id).where(mine.condition()))).scalars()
    return owned_by(deliveries.c.endpoint_id, sorted(ids))


def delivery_list(*, endpoint_id: UUID | None, status: str | None, event_id: UUID | None) -> Select[Any]:
    """Return deliveries, to be listed for the endpoints that ``deliveries_of`` names."""
    query = with_event(select(deliveries), deliveries.c.event_id)
    if endpoint_id is not None:
        query = query.where(deliveries.c.endpoint_id == endpoint_id)
    if event_id is not None:
        query = query.where(deliveries.c.event_id == event_id)
    return query.where(*in_status(deliveries.c.status, status))
