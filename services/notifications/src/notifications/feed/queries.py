"""Read the feed: which events a caller may see, and which text of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, select

from common.caller import Caller
from common.persistence.listing import EVERYTHING, Arm, Owned, Part, owned_by
from notifications.authority import STAFF
from notifications.feed.tables import feed, feed_owners


def event_list(
    caller: Caller, *, events: Sequence[str], subject: str | None, since: datetime | None
) -> tuple[Select[Any], Owned]:
    """Return the events that a caller may see, and by which index they are found."""
    of_types: list[ColumnElement[bool]] = [feed.c.event.in_(events)] if events else []
    narrow = of_types if since is None else [*of_types, feed.c.recorded_at >= since]
    if not caller.sees_all(STAFF):
        mine = sorted(caller.party_ids())
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


def with_event(query: Select[Any], event_id: ColumnElement[Any]) -> Select[Any]:
    """Return a query whose rows have the name of the event with this id as well."""
    return query.add_columns(feed.c.event).join(feed, feed.c.event_id == event_id)


def text_for(caller: Caller) -> Callable[[Row[Any]], str]:
    """Return what takes from a row of the feed the text that is the caller's to read."""
    if caller.sees_all(STAFF):
        return lambda row: str(row.whole_body or row.body)
    mine = sorted(caller.party_ids())

    def own(row: Row[Any]) -> str:
        texts = row.party_bodies or {}
        return str(next((texts[str(party)] for party in mine if str(party) in texts), row.body))

    return own
