"""The event loop that every process of the system runs on: uvloop, where the platform has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import get_ident, get_native_id
from typing import Any, Final, TypeVar

try:
    import uvloop
except ImportError:  # pragma: no cover - Windows, which uvloop does not know
    _made_by: Any = asyncio
else:
    _made_by = uvloop

T = TypeVar("T")

NEW_EVENT_LOOP: Final[Callable[[], asyncio.AbstractEventLoop]] = _made_by.new_event_loop
"""Makes one; the tests run on it as well."""


@dataclass(frozen=True, slots=True, eq=False)
class RunningLoop:
    """An event loop and the thread that it runs in."""

    loop: asyncio.AbstractEventLoop
    thread: int
    native: int
    """The thread's number as the system knows it."""


_running: Final[set[RunningLoop]] = set()


def running_loops() -> frozenset[RunningLoop]:
    """Return those of this process that ``run`` runs now."""
    return frozenset(_running.copy())


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, as ``asyncio.run`` does."""
    with asyncio.Runner(loop_factory=NEW_EVENT_LOOP) as runner:
        running = RunningLoop(runner.get_loop(), get_ident(), get_native_id())
        _running.add(running)
        try:
            return runner.run(work)
        finally:
            _running.discard(running)


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a loop of its own, whether or not the caller runs in one; the caller waits."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run, work).result()


def is_stopping() -> bool:
    """Whether the current task was cancelled, also where a library swallowed that.

    Before Python 3.12 ``wait_for`` may swallow a cancellation: a loop that asks this each time ends nevertheless.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def end_all(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel tasks and wait until they have ended.

    Again and again: before Python 3.12 a library's ``wait_for`` may swallow a cancellation.
    """
    left = ending = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)
    await asyncio.gather(*ending, return_exceptions=True)
