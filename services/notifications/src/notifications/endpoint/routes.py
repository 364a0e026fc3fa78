"""Webhook endpoints and deliveries over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import Field

from common.caller import FOR_COMPANIES, FOR_SCHOOLS
from common.errors import Invalid, InvalidParam, Message
from common.persistence.paging import Paged
from common.web import Caller, Command, IfMatch, InTx, Line, Moment, Page, Paging, Router, View, roles, scope
from common.web.request_context import RequestContext
from events import CATALOGUE, name_of
from notifications.authority import STAFF
from notifications.endpoint import queries
from notifications.endpoint.channels.webhooks import has_right_form, leads_inside, resolves_inside
from notifications.endpoint.model.endpoint import Room
from notifications.endpoint.tables import deliveries, endpoints
from notifications.endpoint.usecases import endpoints as usecases
from notifications.feed.views import EventName

router: Final = Router(tags=["Webhooks"])
_WRITE: Final = [scope("webhooks:write"), roles(*FOR_SCHOOLS, *FOR_COMPANIES, *STAFF)]


class RegisterEndpoint(Command):
    """Deliver events to an address."""

    owner_id: UUID
    """The organisation on whose behalf; it decides which events are seen."""
    url: Annotated[Line, Field(max_length=500)]
    """An https address; it is asked with OPTIONS whether it allows deliveries (CloudEvents web hooks)."""
    event_types: Annotated[tuple[EventName, ...], Field(max_length=200)] = ()
    """Names such as ``contract.signed``; none is all."""


class Redeliver(Command):
    """Deliver again: one event, or all from a moment on."""

    event_id: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None


class EndpointView(View):
    """An address to which a partner's events are delivered."""

    id: UUID
    version: int
    owner_id: UUID
    url: str
    event_types: list[str]
    status: Literal["pending", "enabled", "disabled", "removed"]
    created_at: Moment
    disabled_because: str | None
    failing_since: Moment | None = None
    throttled_until: Moment | None = None
    reason: str | None = None
    """Why it gets nothing, or why the latest attempt failed; see ``reason`` of a delivery. Also
    ``the organisation is not confirmed yet``."""


class SecretView(EndpointView):
    """An endpoint with its secret, which is shown this once."""

    secret: str


class RedeliveryView(View):
    """How many deliveries are pending again."""

    owed: int


class DeliveryView(View):
    """One event on its way to one endpoint."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event: str
    subject: str
    status: Literal["pending", "delivered", "kept"]
    attempts: int
    due_at: Moment
    answer: int | None
    reason: str | None
    """Why the latest attempt failed: ``answered <status>``, ``address is not allowed``, ``address is not public``,
    ``name not found``, ``no connection``, ``no trusted TLS connection``, ``no answer in time``, ``connection closed``,
    ``answer is too long``, ``answer cannot be read``, ``event is not in the feed any more`` or
    ``failed on our side``."""
    planned_at: Moment
    delivered_at: Moment | None


async def _may_go_to(request: Request) -> frozenset[str]:
    return frozenset(RequestContext.of(request).context.settings.webhook_allow)


async def _room(request: Request) -> Room:
    settings = RequestContext.of(request).context.settings
    return Room(
        per_organisation=settings.webhooks_per_organisation,
        per_address=settings.webhooks_per_address,
        per_host=settings.webhooks_per_host,
    )


@router.post("/webhook-endpoints", response_model=SecretView, status_code=201, dependencies=_WRITE)
async def register_endpoint(
    command: RegisterEndpoint,
    caller: Caller,
    tx: InTx,
    allowed: Annotated[frozenset[str], Depends(_may_go_to)],
    room: Annotated[Room, Depends(_room)],
) -> Any:
    """Register an address. It is asked first; events from now on are pending until it allows deliveries.

    A name that leads to an address inside is refused, as far as that is seen at once; each delivery looks again.
    The address of an organisation that is not confirmed yet is not asked before it is; ``reason`` says so. An
    organisation may have a number of endpoints, and fewer at one host.
    """
    owner = command.owner_id
    caller.must_act_for(all_for=STAFF, boards=owner, schools=owner, locations=owner, companies=owner)
    known = {name_of(type_) for type_ in CATALOGUE}
    wrong = [name for name in command.event_types if name not in known]
    if wrong:
        unknown = (Message("There is no event {name}.", name=name) for name in wrong)
        raise Invalid(*(InvalidParam("eventTypes", reason, "unknown-event") for reason in unknown))
    right_form = has_right_form(command.url, allowed)
    if right_form and (leads_inside(command.url, allowed) or await resolves_inside(command.url, allowed)):
        raise Invalid(InvalidParam("url", Message("Give an address on the public internet."), "not-a-public-address"))
    registered = await usecases.register(
        tx,
        owner_id=owner,
        url=command.url,
        event_types=tuple(dict.fromkeys(command.event_types)),
        right_form=right_form,
        room=room,
    )
    return await queries.endpoint_shown(tx, registered.id)


@router.get("/webhook-endpoints", response_model=Page[EndpointView], dependencies=[scope("webhooks:read")])
async def list_endpoints(caller: Caller, tx: InTx, paging: Paging) -> Paged[Any]:
    """List the caller's endpoints and their health."""
    return await paging.read(tx, queries.endpoint_list(), endpoints.c.id, owned=queries.endpoints_of(caller))


@router.get("/webhook-endpoints/{endpoint_id}", response_model=EndpointView, dependencies=[scope("webhooks:read")])
async def get_endpoint(endpoint_id: UUID, caller: Caller, tx: InTx) -> Any:
    """Show one endpoint and its health."""
    return await queries.one_endpoint(tx, caller, endpoint_id)


@router.delete("/webhook-endpoints/{endpoint_id}", status_code=204, dependencies=_WRITE)
async def remove_endpoint(endpoint_id: UUID, caller: Caller, tx: InTx, match: IfMatch) -> None:
    """Remove an endpoint with its pending deliveries."""
    endpoint = await queries.endpoint_to_change(tx, caller, endpoint_id)
    match.check(endpoint.version)
    await usecases.remove(tx, endpoint)


@router.post(
    "/webhook-endpoints/{endpoint_id}/_enable",
    response_model=EndpointView,
    status_code=202,
    dependencies=_WRITE,
)
async def enable_endpoint(endpoint_id: UUID, caller: Caller, tx: InTx) -> Any:
    """Ask an endpoint again whether it allows deliveries; pending deliveries then follow, in order."""
    resumed = await usecases.resume(tx, await queries.endpoint_to_change(tx, caller, endpoint_id))
    return await queries.endpoint_shown(tx, resumed.id)


@router.post("/webhook-endpoints/{endpoint_id}/_rotate-secret", response_model=SecretView, dependencies=_WRITE)
async def rotate_secret(endpoint_id: UUID, caller: Caller, tx: InTx) -> Any:
    """Give an endpoint a new secret; for a day deliveries carry a signature of each."""
    return await usecases.rotate(tx, await queries.endpoint_to_change(tx, caller, endpoint_id))


@router.post(
    "/webhook-endpoints/{endpoint_id}/_redeliver",
    response_model=RedeliveryView,
    status_code=202,
    dependencies=_WRITE,
)
async def redeliver(endpoint_id: UUID, command: Redeliver, caller: Caller, tx: InTx) -> RedeliveryView:
    """Deliver one event again, or all from a moment on; whatever the endpoint may see, delivered before or not."""
    if (command.event_id is None) == (command.since is None):
        raise Invalid(InvalidParam("since", Message("Give either eventId or since."), "one-of"))
    endpoint = await queries.endpoint_to_change(tx, caller, endpoint_id)
    owed = await usecases.redeliver(tx, endpoint, event_id=command.event_id, since=command.since, until=command.until)
    return RedeliveryView(owed=owed)


@router.get("/deliveries", response_model=Page[DeliveryView], dependencies=[scope("webhooks:read")])
async def list_deliveries(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    endpoint_id: Annotated[UUID | None, Query(description="To this endpoint.")] = None,
    status: Annotated[Literal["pending", "delivered", "kept"] | None, Query(description="Only these.")] = None,
    event_id: Annotated[UUID | None, Query(description="Of this event.")] = None,
) -> Paged[Any]:
    """List deliveries, the newest first: taken, on their way, or kept after the last attempt."""
    query = queries.delivery_list(endpoint_id=endpoint_id, status=status, event_id=event_id)
    by = (deliveries.c.planned_at, deliveries.c.id)
    return await paging.read(tx, query, *by, newest_first=True, owned=await queries.deliveries_of(tx, caller))
