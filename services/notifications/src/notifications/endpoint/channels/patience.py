"""A limit on how long a receiver may take, in which the time that this process stood still is not the receiver's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

STEP: Final = 0.25
"""Seconds between two looks; a longer time between them is time in which the event loop was held."""


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """Raise ``TimeoutError`` after so many seconds in which the event loop ran.

    An event loop that was held runs its timers before it reads what came meanwhile: answers that were there long ago
    would be thrown away, each a failed attempt of a receiver that did nothing wrong.
    """
    async with asyncio.timeout(None) as limit:
        watch = _Watch(limit, seconds)
        try:
            yield
        finally:
            watch.end()


class _Watch:
    """Counts down in steps, each as long as it was meant to be and no longer."""

    def __init__(self, limit: asyncio.Timeout, seconds: float) -> None:
        self._limit, self._left = limit, seconds
        self._loop = asyncio.get_running_loop()
        self._wait()

    def end(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def _wait(self) -> None:
        self._timer = self._loop.call_later(min(STEP, self._left), self._look)

    def _look(self) -> None:
        self._left -= STEP
        if self._left > 0:
            self._wait()
        else:
            self._limit.reschedule(self._loop.time())
