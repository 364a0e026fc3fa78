"""Over HTTP: the feed, for those who rather fetch."""

from __future__ import annotations

import json
from typing import Annotated, Final

from fastapi import Query

from common.persistence.paging import Paged
from common.web import Caller, InTx, Moment, Page, Paging, Router, scope
from notifications.feed import queries
from notifications.feed.tables import feed
from notifications.feed.views import EventName, EventView

router: Final = Router(tags=["Events"])


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
    page = await paging.read(tx, query, feed.c.position, owned=owned)
    text = queries.text_for(caller)
    shown = [EventView(position=row.position, event=json.loads(text(row))) for row in page.items]
    return Paged(shown, page.next_cursor)
