"""A loop of a worker in a thread of its own, with its own event loop and its own database connections.

What blocks there, or takes all of its connections, slows nothing down elsewhere in the process. It costs a thread and
the connections that it opens; a process of its own would cost an interpreter.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import Final

from common.runtime.event_loop import is_stopping, run
from common.service.loop import SHUTDOWN_GRACE, Loop, LoopContext

CONNECTIONS: Final = 6
"""Of the thread's own pool."""


def apart(loop: Loop) -> Loop:
    """Have a loop run in a thread of its own."""

    @functools.wraps(loop)
    async def in_a_thread(context: LoopContext) -> None:
        await _Elsewhere(context, loop).run()

    return in_a_thread


class _Elsewhere:
    """The thread, seen from the event loop that waits for it."""

    def __init__(self, context: LoopContext, loop: Loop) -> None:
        self._context, self._loop = context, loop
        self._here = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._here.create_future()
        self._there: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Return or raise as the loop does; a cancellation goes to the loop, and is waited for."""
        Thread(target=self._work, name=self._loop.__qualname__, daemon=True).start()
        while not self._ended.done():
            try:
                await asyncio.wait({self._ended}, timeout=1)
            except asyncio.CancelledError:
                self._call(self._cancel)
                await asyncio.wait({self._ended}, timeout=SHUTDOWN_GRACE)
                raise
            if is_stopping():
                self._call(self._cancel)
        self._ended.result()

    def _work(self) -> None:
        try:
            run(self._inside())
        except BaseException as error:  # noqa: BLE001 - whatever ended it ends the loop as it is seen from outside
            ended: Callable[[], None] = functools.partial(self._end, error)
        else:
            ended = self._end
        with suppress(RuntimeError):  # the process is at its end: nobody waits any more
            self._here.call_soon_threadsafe(ended)

    def _end(self, error: BaseException | None = None) -> None:
        if self._ended.done():
            return
        if error is None or isinstance(error, asyncio.CancelledError):
            self._ended.set_result(None)
        else:
            self._ended.set_exception(error if isinstance(error, Exception) else RuntimeError(type(error).__name__))

    async def _inside(self) -> None:
        self._task, self._there = asyncio.current_task(), asyncio.get_running_loop()
        outside = self._context.database
        database = outside.twin(pool_size=CONNECTIONS)

        def wake_relay() -> None:
            self._here.call_soon_threadsafe(outside.wake_relay)

        def wake_outside(queue: str) -> None:
            self._here.call_soon_threadsafe(lambda: outside.wakeup(queue).set())

        def wake(queue: str) -> None:
            self._call(lambda: database.wakeup(queue).set())

        database.on_commit(wake_relay)
        database.on_wakeup.append(wake_outside)
        outside.on_wakeup.append(wake)
        try:
            await self._loop(replace(self._context, database=database))
        finally:
            outside.on_wakeup.remove(wake)
            await database.close()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _call(self, what: Callable[[], object]) -> None:
        if self._there is not None:
            with suppress(RuntimeError):  # it has ended meanwhile
                self._there.call_soon_threadsafe(what)
