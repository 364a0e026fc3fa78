"""What can be asked of notifications: messages, endpoints, deliveries and the feed, each to whom it concerns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, exists, literal_column, select

from common.caller import Caller, CallerRole
from common.errors import NotFound
from common.persistence.listing import EVERYTHING, Arm, Owned, Part, owned_by
from common.persistence.transaction import Tx
from notifications.model.endpoint import Endpoint, Status
from notifications.store import endpoints as endpoint_store
from notifications.store.tables import deliveries, endpoints, feed, feed_owners, health, messages, outgoing

STAFF: Final = (CallerRole.PROGRAMME, CallerRole.OPERATOR)
_FOR_ORGANISATIONS: Final = frozenset(
    {CallerRole.SCHOOL, CallerRole.COMPANY, CallerRole.PORTAL, CallerRole.PARTNER, CallerRole.DESK}
)


def own_ids(caller: Caller) -> frozenset[UUID]:
    """Return the parties that a caller is or acts for."""
    found = set(caller.organisations) if caller.roles & _FOR_ORGANISATIONS else set()
    if CallerRole.TRAINER in caller.roles and caller.trainer is not None:
        found.add(caller.trainer)
    return frozenset(found)


def message_list(
    *,
    recipient: UUID | None,
    status: str | None,
    template: str | None,
    because_of: UUID | None,
    case_id: UUID | None,
) -> Select[Any]:
    """Return messages, to be listed for whom ``mine`` names."""
    query = select(messages, outgoing.c.attempts, outgoing.c.due_at, outgoing.c.reason).outerjoin(
        outgoing, outgoing.c.message_id == messages.c.id
    )
    wanted: dict[ColumnElement[Any], Any] = {
        messages.c.recipient_id: recipient,
        messages.c.template: template,
        messages.c.because_of: because_of,
        messages.c.case_id: str(case_id) if case_id else None,
    }
    conditions = [column == value for column, value in wanted.items() if value is not None]
    return query.where(*conditions, *_in_status(messages.c.status, status))


def messages_of(caller: Caller) -> Owned:
    """Return the messages to a caller; to everybody for staff: there is nothing personal in them."""
    return _mine(caller, messages.c.recipient_id)


def endpoint_list() -> Select[Any]:
    """Return endpoints and how they fare, to be listed for whom ``endpoints_of`` names."""
    query = select(endpoints, health.c.failing_since, health.c.throttled_until, health.c.reason)
    joined = query.outerjoin(health, health.c.endpoint_id == endpoints.c.id)
    return joined.where(endpoints.c.status != Status.REMOVED)


async def endpoint_shown(tx: Tx, endpoint_id: UUID) -> Any:
    """Return the row of an endpoint that the caller just registered or changed."""
    return (await tx.execute(endpoint_list().where(endpoints.c.id == endpoint_id))).one()


def endpoints_of(caller: Caller) -> Owned:
    """Return the endpoints of whom a caller acts for."""
    return _mine(caller, endpoints.c.owner_id)


async def one_endpoint(tx: Tx, caller: Caller, endpoint_id: UUID) -> Any:
    """Return an endpoint's row.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    query = endpoint_list().where(endpoints.c.id == endpoint_id, endpoints_of(caller).condition())
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(what="webhook endpoint", id=endpoint_id)
    return row


async def endpoint_to_change(tx: Tx, caller: Caller, endpoint_id: UUID) -> Endpoint:
    """Return an endpoint that the caller may change, and lock it.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    await one_endpoint(tx, caller, endpoint_id)
    return await endpoint_store.store.get(tx, endpoint_id, lock=True)


async def deliveries_of(tx: Tx, caller: Caller) -> Owned:
    """Return the deliveries to a caller's endpoints, of which there are not many."""
    mine = endpoints_of(caller)
    if mine.everything:
        return mine
    ids = (await tx.execute(select(endpoints.c.id).where(mine.condition()))).scalars()
    return owned_by(deliveries.c.endpoint_id, sorted(ids))


def delivery_list(*, endpoint_id: UUID | None, status: str | None, event_id: UUID | None) -> Select[Any]:
    """Return deliveries, to be listed for whom ``deliveries_of`` names."""
    query = select(deliveries, feed.c.event).join(feed, feed.c.event_id == deliveries.c.event_id)
    if endpoint_id is not None:
        query = query.where(deliveries.c.endpoint_id == endpoint_id)
    if event_id is not None:
        query = query.where(deliveries.c.event_id == event_id)
    return query.where(*_in_status(deliveries.c.status, status))


def event_list(
    caller: Caller, *, events: Sequence[str], subject: str | None, since: datetime | None
) -> tuple[Select[Any], Owned]:
    """Return the events that a caller may see, and by which index they are found."""
    of_types: list[ColumnElement[bool]] = [feed.c.event.in_(events)] if events else []
    narrow = of_types if since is None else [*of_types, feed.c.recorded_at >= since]
    if caller.roles.isdisjoint(STAFF):
        mine = sorted(own_ids(caller))
        if subject is not None:  # there are not many events of one subject: those of a large owner are not looked at
            theirs = exists().where(feed_owners.c.position == feed.c.position, feed_owners.c.owner_id.in_(mine))
            return select(feed).where(feed.c.subject == subject, theirs, *narrow), EVERYTHING
        keys = select(feed_owners.c.position)
        if narrow:
            keys = keys.join(feed, feed.c.position == feed_owners.c.position).where(*narrow)
        arm = Arm(feed_owners.c.owner_id, tuple(mine), through=Part(keys, (feed_owners.c.position,)))
        return select(feed), Owned((arm,))
    if subject is not None:
        return select(feed).where(feed.c.subject == subject, *narrow), EVERYTHING
    if since is None:
        return select(feed), owned_by(feed.c.event, sorted(set(events))) if events else EVERYTHING
    return select(feed).where(*narrow), EVERYTHING


def text_for(caller: Caller) -> Callable[[Row[Any]], str]:
    """Return what takes from a row of the feed the text that is the caller's to read."""
    if not caller.roles.isdisjoint(STAFF):
        return lambda row: str(row.whole_body or row.body)
    mine = sorted(own_ids(caller))

    def own(row: Row[Any]) -> str:
        texts = row.party_bodies or {}
        return str(next((texts[str(party)] for party in mine if str(party) in texts), row.body))

    return own


def _in_status(column: ColumnElement[str], status: str | None) -> list[ColumnElement[bool]]:
    """Return the condition with the status written out: only so does an index on the few serve it."""
    return [] if status is None else [column == literal_column(f"'{_STATUSES[status]}'", Text)]


_STATUSES: Final = {each: each for each in ("planned", "sent", "bounced", "obsolete", "pending", "delivered", "kept")}
"""What may be written into a statement."""


def _mine(caller: Caller, owner: ColumnElement[Any]) -> Owned:
    return EVERYTHING if not caller.roles.isdisjoint(STAFF) else owned_by(owner, sorted(own_ids(caller)))
