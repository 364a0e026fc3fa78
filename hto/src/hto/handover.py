"""A projection that was part of its service's consumer begins on the log where its database has read to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.pool import NullPool

from common.messaging.log import EventLog, Partition
from common.messaging.rights import GROUP_PREFIX
from common.persistence.database import engine_of
from common.service.declaration import Service

MARGIN: Final = timedelta(minutes=10)
"""By which it begins earlier: clocks differ, and the inbox knows what comes again."""


async def hand_over(service: Service, url: str, event_log: EventLog, services: Sequence[str]) -> list[str]:
    """Move the groups of projections that have committed nothing to where ``progress`` says; return what was moved.

    Safe to repeat: a projection that is new has no progress, and one that works has committed or begins where it is.
    """
    moved = []
    for projection in service.projections:
        group, topics = f"{GROUP_PREFIX}{projection.name}", projection.handlers.topics(services)
        there = await event_log.offsets(group, topics)
        # The PostgreSQL log writes 0 down where a group begins at the start.
        reached = await _reached(url, projection.name) if not any(one.committed for one in there.values()) else {}
        starts = await _starts(event_log, topics, {place: at for place, at in reached.items() if place in there})
        if starts:
            await event_log.set_offsets(group, starts)
            moved.append(f"{group} begins where {service.name} had read to")
    return moved


async def _reached(url: str, consumer: str) -> dict[Partition, datetime]:
    engine = engine_of(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(_REACHED, {"consumer": consumer})
            return {Partition(row.topic, row.partition): row.reached for row in rows}
    finally:
        await engine.dispose()


async def _starts(
    event_log: EventLog, topics: Sequence[str], reached: dict[Partition, datetime]
) -> dict[Partition, int]:
    if not reached:
        return {}
    reader = await event_log.subscribe(topics, group=None)
    try:
        starts = {place: await reader.offset_at(place, at - MARGIN) for place, at in reached.items()}
    finally:
        await reader.close()
    return {place: offset for place, offset in starts.items() if offset}


_REACHED: Final = text("SELECT topic, partition, reached FROM progress WHERE consumer = :consumer")
