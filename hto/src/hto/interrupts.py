"""Stopping in order: a signal cancels the work once, and what may not be left half done runs to its end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def stopped_by_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Stop once at Ctrl-C, a polite request or a closed terminal; a second one changes nothing: it is stopping."""
    loop = asyncio.get_running_loop()
    stopping = False

    def once() -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            stop()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, once)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def to_its_end(work: Callable[[], T]) -> T:
    """Run something that blocks to its end: cancelled in the middle, it would leave a server behind."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
