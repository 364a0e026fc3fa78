"""Read many partitions in the order in which the log took their records in."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from common.messaging.log import Partition, Record, Subscription

BATCH: Final = 500
_AHEAD: Final = 2000
"""Records of a partition that wait for those of another, before it is not read on."""
_WAIT: Final = 0.2
"""Seconds."""


class OrderedReader:
    """Merges partitions by time, as a consumer that is never behind sees them; within each, order stays as it is."""

    def __init__(self, subscription: Subscription, starts: Mapping[Partition, int]) -> None:
        """Read over a subscription of nobody else, from where its partitions begin."""
        self._subscription = subscription
        self._read: dict[Partition, deque[Record]] = {place: deque() for place in starts}
        self._next = dict(starts)
        self.stopped: set[Partition] = set()
        """Of these nothing more is returned; what was read of them is kept."""

    def left(self, ends: Mapping[Partition, int]) -> int:
        """Return how many records lie before these offsets, as far as offsets say."""
        return sum(
            max(0, end - (self._read[place][0].offset if self._read[place] else self._next[place]))
            for place, end in ends.items()
        )

    def give_back(self, records: Sequence[Record]) -> None:
        """Have records returned once more, before those that follow them in their partition."""
        for record in reversed(records):
            self._read[record.place].appendleft(record)

    async def up_to(self, ends: Mapping[Partition, int]) -> AsyncIterator[list[Record]]:
        """Return what lies before these offsets, in batches."""
        open_ = {place for place, end in ends.items() if self._next[place] < end}
        while True:
            open_ -= self.stopped
            if any(not self._read[place] for place in open_):
                open_ -= await self._more(open_, ends)
                continue
            batch = self._merged(open_, ends)
            if not batch and not open_:
                return
            if batch:
                yield batch

    async def _more(self, open_: set[Partition], ends: Mapping[Partition, int]) -> set[Partition]:
        """Read on; return the partitions that are read to their ends."""
        wanted = {place for place in open_ if len(self._read[place]) < _AHEAD}
        assigned = self._subscription.assigned()
        self._subscription.pause(assigned - wanted)
        self._subscription.resume(wanted)
        records = await self._subscription.poll(limit=_AHEAD, wait=_WAIT)
        for record in records:
            self._read[record.place].append(record)
            self._next[record.place] = record.offset + 1
        done = {place for place in open_ if self._next[place] >= ends[place]}
        if not records:
            # A partition may end with offsets that have no record.
            lags = await self._subscription.lag()
            done |= {place for place in open_ if place in lags and not lags[place].events}
        return done

    def _merged(self, open_: set[Partition], ends: Mapping[Partition, int]) -> list[Record]:
        """Take what is surely the oldest: up to the end of what was read of a partition that goes on."""
        heads = [
            (_order(records[0]), place)
            for place, records in self._read.items()
            if records and place not in self.stopped and records[0].offset < ends.get(place, 0)
        ]
        heapq.heapify(heads)
        batch: list[Record] = []
        while heads and len(batch) < BATCH:
            _, place = heapq.heappop(heads)
            records = self._read[place]
            batch.append(records.popleft())
            if records and records[0].offset < ends[place]:
                heapq.heappush(heads, (_order(records[0]), place))
            elif not records and place in open_:
                break
        return batch


def _order(record: Record) -> tuple[datetime, str]:
    """Of two that came at the same moment, the one that was made first: ids say when."""
    return record.timestamp, record.headers.get("ce_id", "")
