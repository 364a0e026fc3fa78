"""Webhook endpoints: registered, switched on and off, given other secrets, and delivered to again."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message, NotFound
from common.persistence.transaction import Tx, uuid7
from notifications.endpoint.model.endpoint import FAILING, Endpoint, Room, Status, host_of
from notifications.endpoint.model.signing import SIZE, secret_of
from notifications.endpoint.store import deliveries, endpoints, questions

KEEPS_FAILING: Final = "endpoint.keeps-failing"


async def register(
    tx: Tx, *, owner_id: UUID, url: str, event_types: tuple[str, ...], right_form: bool, room: Room | None = None
) -> Endpoint:
    """Register an address for a partner; deliveries wait until it allows them.

    Raises:
        Invalid: webhooks never go to such an address.
        Refused: there is no room for one more.
    """
    if not right_form:
        reason = Message("Give an https address with a host name, without a password or a fragment.")
        raise Invalid(InvalidParam("url", reason, "not-a-webhook-address"))
    if room is not None:
        own, at_host = await endpoints.hosts(tx, owner_id, host_of(url))
        room.check(host_of(url), own=own, all_at_host=at_host)
    new, published = Endpoint.register(
        endpoint_id=uuid7(), owner_id=owner_id, url=url, event_types=event_types, secret=_new_secret(), now=tx.now
    )
    await questions.enqueue(tx, new.id, owner_id)
    return await endpoints.store.add(tx, new, published)


async def resume(tx: Tx, endpoint: Endpoint) -> Endpoint:
    """Resume deliveries: the address is asked, and pending deliveries follow."""
    changed, published = endpoint.resume()
    if changed.status is Status.PENDING:
        # Also where it was pending already: its partner says that it is worth asking now.
        await questions.enqueue(tx, endpoint.id, endpoint.owner_id)
    return await endpoints.store.apply(tx, changed, published)


async def rotate(tx: Tx, endpoint: Endpoint) -> Endpoint:
    """Give an endpoint another secret; the one it had signs as well for a day."""
    return await endpoints.store.apply(tx, *endpoint.rotate(_new_secret(), tx.now))


async def remove(tx: Tx, endpoint: Endpoint) -> Endpoint:
    """Remove an endpoint with its pending deliveries."""
    await deliveries.delete_undelivered(tx, endpoint.id)
    await questions.cancel(tx, endpoint.id)
    await endpoints.delete_health(tx, endpoint.id)
    await tx.cancel_deadline(KEEPS_FAILING, endpoint.id)
    return await endpoints.store.apply(tx, *endpoint.remove())


async def redeliver(
    tx: Tx, endpoint: Endpoint, *, event_id: UUID | None, since: datetime | None, until: datetime | None
) -> int:
    """Enqueue again what an endpoint may see: one event, or a range; return how many.

    Raises:
        NotFound: there is no such event for it.
    """
    names = None if event_id else list(endpoint.event_types) or None
    enqueued = await deliveries.redeliver(
        tx, endpoint.id, endpoint.owner_id, event_id=event_id, since=since, until=until, names=names
    )
    if event_id and not enqueued:
        raise NotFound(what="event", id=event_id)
    return enqueued


async def ask_confirmed(tx: Tx, owner_id: UUID) -> None:
    """Ask the endpoints that waited for their owner to be confirmed."""
    await questions.expedite(tx, owner_id)


async def disable_if_failing(tx: Tx, endpoint_id: UUID) -> None:
    """Disable an endpoint that has failed for days; its owner gets a letter."""
    endpoint = await endpoints.store.find(tx, endpoint_id, lock=True)
    since = await endpoints.failing_since(tx, endpoint_id)
    if endpoint is not None and endpoint.status is Status.ENABLED and since and tx.now - since >= FAILING:
        await endpoints.store.apply(tx, *endpoint.disable("failing"))


def _new_secret() -> str:
    return secret_of(secrets.token_bytes(SIZE))
