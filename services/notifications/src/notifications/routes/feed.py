"""Over HTTP: the feed, for those who rather fetch."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from fastapi import Query

from common.persistence.paging import Paged
from common.web import Caller, InTx, Moment, Page, Paging, Router, View, scope
from notifications import queries
from notifications.routes.endpoints import EventName
from notifications.store.tables import feed as feed_table

router: Final = Router(tags=["Events"])


class EventView(View):
    """An event as outsiders see it."""

    position: int
    event: dict[str, Any]
    """The structured CloudEvent, the same as a webhook's body; a candidate is hidden until everybody agreed, and what
    says something of another side is null."""


@router.get("/events", response_model=Page[EventView], dependencies=[scope("events:read")])
async def list_events(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    event_type: Annotated[
        list[EventName] | None, Query(description="Only these, such as contract.signed.", max_length=200)
    ] = None,
    subject: Annotated[str | None, Query(description="Only of this one, such as contract/…", max_length=100)] = None,
    since: Annotated[Moment | None, Query(description="Recorded from this moment on.")] = None,
) -> Paged[EventView]:
    """Fetch what happened, the oldest first. No event is passed by: go on from the last `nextCursor`."""
    query, owned = queries.event_list(caller, events=event_type or (), subject=subject, since=since)
    page = await paging.read(tx, query, feed_table.c.position, owned=owned)
    text = queries.text_for(caller)
    shown = [EventView(position=row.position, event=json.loads(text(row))) for row in page.items]
    return Paged(shown, page.next_cursor)
