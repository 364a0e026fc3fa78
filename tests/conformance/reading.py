"""Readers for tests: they wait for what must come, and fail with what came instead."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from common.messaging.log import LogUnavailable, Message, PartitionLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from common.messaging.log import Partition, Producer, Record, Subscription

PATIENCE = 45.0
"""Seconds after which what a test waits for will not come any more."""


def message(topic: str, key: str, text: str | None, **headers: str) -> Message:
    return Message(topic=topic, key=key, value=None if text is None else text.encode(), headers=headers)


def texts(records: Iterable[Record]) -> list[str]:
    return [record.value.decode() if record.value is not None else "" for record in records]


def by_key(records: Iterable[Record]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in records:
        found.setdefault(record.key, []).append((record.value or b"").decode())
    return found


def after(records: Iterable[Record]) -> Mapping[Partition, int]:
    """The offsets to commit for these."""
    upto: dict[Partition, int] = {}
    for record in records:
        upto[record.place] = max(record.offset + 1, upto.get(record.place, 0))
    return upto


async def send(producer: Producer, messages: Sequence[Message]) -> None:
    """Send until all is acknowledged, as a relay does: only what was not is sent again."""
    left = list(messages)
    deadline = time.monotonic() + PATIENCE
    while left:
        done = set(await producer.send(left, within=10))
        left = [one for index, one in enumerate(left) if index not in done]
        if left:
            await asyncio.sleep(0.1)
        if left and time.monotonic() > deadline:
            pytest.fail(f"{len(left)} of {len(messages)} were never acknowledged")


async def until(what: str, holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"never came: {what}")
        await asyncio.sleep(0.02)


async def take(subscription: Subscription, count: int, *, limit: int = 500) -> list[Record]:
    """Poll until ``count`` records came."""
    records: list[Record] = []
    deadline = time.monotonic() + PATIENCE
    while len(records) < count:
        with suppress(LogUnavailable):
            records += await subscription.poll(limit=limit, wait=0.2)
        if time.monotonic() > deadline:
            pytest.fail(f"only {len(records)} of {count} records came: {texts(records)[:20]}")
    return records


class Reader:
    """A member that reads, remembers and commits on its own until it is stopped."""

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.seen: list[Record] = []
        self.refused = 0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            try:
                batch = await self.subscription.poll(limit=200, wait=0.2)
                self.seen += batch
                if batch:
                    await self.subscription.commit(after(batch))
            except PartitionLost:
                self.refused += 1
            except LogUnavailable:
                await asyncio.sleep(0.1)

    @property
    def places(self) -> frozenset[Partition]:
        if self._task.done():
            self._task.result()
        return self.subscription.assigned()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if not self._task.cancelled():
            self._task.result()
