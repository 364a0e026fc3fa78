"""Everything that stands on the event log, read from outside and without a group, through every outage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from common.messaging.log import EventLog, LogUnavailable, Record, Subscription
from common.messaging.logs import open_log
from hto.services import all_services

if TYPE_CHECKING:
    from collections.abc import Collection

PATIENCE: Final = 60.0


class Ledger:
    """A reader that remembers; a record that compaction has removed since is still known here."""

    def __init__(self, url: str) -> None:
        """Take the log's address; it is opened at the first reading."""
        self._url = url
        topics = [topic for service in all_services() for topic in service.topics]
        self._topics = [topic.name for topic in topics]
        self.compacted = frozenset(topic.name for topic in topics if topic.compacted)
        self._records: dict[tuple[str, int, int], Record] = {}
        self._open: tuple[EventLog, Subscription] | None = None
        self._reading = asyncio.Lock()

    async def records(self) -> list[Record]:
        """Return all records, per partition in their order."""
        until = time.monotonic() + PATIENCE
        async with self._reading:
            while True:
                try:
                    await self._read_on()
                    break
                except LogUnavailable:
                    await self.close()
                    if time.monotonic() > until:
                        raise
                    await asyncio.sleep(0.3)
        return [record for _, record in sorted(self._records.items())]

    async def of(self, cases: Collection[str]) -> list[Record]:
        """Return what concerns these cases; of a compacted topic the newest record of each key."""
        return newest(
            [one for one in await self.records() if one.headers.get("ce_correlationid") in cases or one.key in cases],
            self.compacted,
        )

    async def newest(self) -> list[Record]:
        """Return all but what compaction may have removed before anybody read it."""
        return newest(await self.records(), self.compacted)

    async def close(self) -> None:
        """Release connections."""
        if self._open is not None:
            event_log, subscription = self._open
            self._open = None
            await subscription.close()
            await event_log.stop()

    async def _read_on(self) -> None:
        if self._open is None:
            event_log = open_log(self._url)
            try:
                self._open = event_log, await event_log.subscribe(self._topics, group=None)
            except BaseException:
                await event_log.stop()
                raise
        _, subscription = self._open
        quiet = 0
        while quiet < 2:
            records = await subscription.poll(limit=1000, wait=0.2)
            for record in records:
                self._records[record.topic, record.partition, record.offset] = record
            quiet = 0 if records else quiet + 1


def newest(records: list[Record], compacted: frozenset[str]) -> list[Record]:
    """Leave out what compaction may have removed before anybody read it."""
    last: Mapping[tuple[str, str], int] = {(one.topic, one.key): one.offset for one in records}
    return [one for one in records if one.topic not in compacted or last[one.topic, one.key] == one.offset]
