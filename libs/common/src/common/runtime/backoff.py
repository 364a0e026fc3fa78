"""How long to wait before trying again: exponential, jittered, bounded."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_jitter = random.SystemRandom()


def backoff(attempt: int, *, first: float = 0.05, most: float = 10.0) -> float:
    """Return seconds to wait after the ``attempt``-th failure (from 1): half fixed, half chance."""
    ceiling = min(most, first * 2.0 ** min(attempt - 1, 30))
    return ceiling / 2 + _jitter.uniform(0, ceiling / 2)


async def until_it_works(
    action: Callable[[], Awaitable[T]],
    passing: tuple[type[Exception], ...],
    *,
    on_error: Callable[[Exception], object] = lambda _: None,
    first: float = 0.2,
    most: float = 5.0,
    within: float = math.inf,
) -> T:
    """Do it, and again after each ``passing`` error, which ``on_error`` gets; return its result.

    Raises:
        Exception: the last error, where the next try would begin later than ``within`` seconds from now.
    """
    loop = asyncio.get_running_loop()
    until, failures = loop.time() + within, 0
    while True:
        try:
            return await action()
        except passing as error:
            failures += 1
            pause = backoff(failures, first=first, most=most)
            if loop.time() + pause > until:
                raise
            on_error(error)
        await asyncio.sleep(pause)
