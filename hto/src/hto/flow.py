"""The flow of events in this process: it is quiet when all that was published has been handled or parked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from common.messaging.log import LogUnavailable
from common.runtime.failures import AWAY

if TYPE_CHECKING:
    from common.messaging.consumer.loop import Consumer
    from common.persistence.database import Database
    from common.service.runtime import ServiceRuntime

_AGAIN: Final = 0.2
"""Seconds between two looks: what was published between the first and the last question of one is seen by the next."""
_LOOKS: Final = 2
"""So many looks in a row that find nothing mean quiet."""


class NotQuiet(Exception):
    """Events were still under way when patience was at its end; the message says where."""


Moving = Callable[[], Awaitable[Sequence[str]]]
"""Tells what is under way, a phrase for each place; nothing where all is quiet."""


async def until_quiet(moving: Moving, *, patience: float, longest: float) -> None:
    """Return when nothing is under way any more.

    Not the time it takes ends the patience, but ``patience`` seconds in which nothing changes: a busy machine is slow.

    Raises:
        NotQuiet: nothing changed for so long, or it went on for ``longest`` seconds.
    """
    quiet, seen, began = 0, None, monotonic()
    changed = began
    while quiet < _LOOKS:
        found = await moving()
        quiet = 0 if found else quiet + 1
        now = monotonic()
        if found != seen:
            seen, changed = found, now
        if found and (now - changed > patience or now - began > longest):
            raise NotQuiet("; ".join(found))
        await asyncio.sleep(_AGAIN)


class Flow:
    """The outboxes, consumers and deadlines of the services that this process runs as a worker."""

    def __init__(self, services: Mapping[str, ServiceRuntime]) -> None:
        """Take them by name."""
        self._services = services

    async def moving(self) -> Sequence[str]:
        """Tell what is under way: events that are not sent, events that are not handled, deadlines that are due."""
        found: list[str] = []
        for one in self._services.values():
            try:
                found += await self._of(one)
            except (*AWAY, LogUnavailable) as error:
                found.append(f"{one.service.name} does not answer ({type(error).__name__})")
        return found

    async def _of(self, one: ServiceRuntime) -> list[str]:
        unsent, due = await _waiting(one.database)
        unhandled = [await _unhandled(consumer) for consumer in one.consumers]
        counts = [(unsent, "to send"), *((count, f"to handle ({group})") for group, count in unhandled)]
        said = [f"{one.service.name} has {count} events {what}" for count, what in counts if count]
        return [*said, *([f"{one.service.name} has {due} deadlines that are due"] if due else [])]


async def _waiting(database: Database) -> tuple[int, int]:
    """Count the events in the outbox, and the deadlines whose time has come."""
    outbox, deadlines = database.metadata.tables["outbox"], database.metadata.tables["deadlines"]
    count = select(func.count()).select_from
    async with database.begin(actor="flow") as tx:
        unsent = (await tx.execute(count(outbox))).scalar_one()
        is_due = (deadlines.c.due_at <= tx.now) & ~deadlines.c.parked
        due = (await tx.execute(count(deadlines).where(is_due))).scalar_one()
    return unsent, due


async def _unhandled(consumer: Consumer) -> tuple[str, int]:
    """Count the events that are not handled; one while its partitions are not known, since there may be any."""
    subscription = consumer.subscription
    lag = await subscription.lag() if subscription is not None else {}
    return consumer.group, sum(part.events for part in lag.values()) if lag else 1
