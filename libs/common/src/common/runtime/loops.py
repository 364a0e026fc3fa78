"""The loops of a worker: each runs for ever, whatever it raises, and is seen where it fails or stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from common.errors import Unavailable, Unwell
from common.runtime.backoff import backoff
from common.runtime.event_loop import is_stopping
from common.runtime.failures import AWAY
from common.runtime.telemetry import LOOP_FAILURES, LOOP_TURN_AGE, error_frames, error_location

log = structlog.get_logger()

HEALTHY_AFTER: Final = 30.0
"""Seconds of running after which a failure is a first one."""


class LoopTroubled(Unwell):
    """The loop {name} {trouble}."""

    def __init__(self, name: str, trouble: str) -> None:
        """Name the loop and what is wrong with it: places and ids only."""
        super().__init__(f"The loop {name} {trouble}.")


class Turns:
    """When the loops of one service last took a turn, and at what."""

    STANDS_STILL: Final = 180.0
    """Seconds without a turn after which a loop stands still: longer than any batch and any row may take."""

    def __init__(self, service: str) -> None:
        """Know of none yet."""
        self._service = service
        self._turns: dict[str, tuple[float, str]] = {}

    def take(self, loop: str, at: str = "") -> None:
        """Note that a loop goes on, and what it is at: an id or a place on the log."""
        self._turns[loop] = asyncio.get_running_loop().time(), at

    def leave(self, loop: str) -> None:
        """Expect no more turns of a loop that ended or waits for something that may take long."""
        self._turns.pop(loop, None)

    def measure(self) -> None:
        """Put the time since each loop's last turn into the metrics."""
        now = asyncio.get_running_loop().time()
        for loop, (at, _) in list(self._turns.items()):  # other threads take turns as well
            LOOP_TURN_AGE.labels(self._service, loop).set(now - at)

    def check(self) -> None:
        """Return if every loop goes on.

        Raises:
            LoopTroubled: one stands still; it is named with what it is at.
        """
        now = asyncio.get_running_loop().time()
        for loop, (at, what) in list(self._turns.items()):
            if now - at > self.STANDS_STILL:
                raise LoopTroubled(loop, f"stands still at {what}" if what else "stands still")


@dataclass(slots=True)
class LoopState:
    """How a loop fares."""

    failures: int = 0
    """In a row."""
    failed_at: float = 0.0
    reason: str = ""


async def run_for_ever(name: str, service: str, run: Callable[[], Awaitable[None]], state: LoopState) -> None:
    """Run a loop until this task is cancelled: what it did not foresee is logged, and it begins anew."""
    failures = 0
    LOOP_FAILURES.labels(service, name)
    while not is_stopping():
        began = asyncio.get_running_loop().time()
        try:
            await run()
        except asyncio.CancelledError as error:
            if is_stopping():
                raise
            failures = _failed(name, service, state, began, failures, error)  # a library's, within the loop
        except Exception as error:  # noqa: BLE001 - a loop never ends: whatever it was is logged, and it begins anew
            if is_stopping():  # a library's way to end what is cancelled
                log.debug("loop.stopped", service=service, loop=name, reason=error_location(error))
                return
            failures = _failed(name, service, state, began, failures, error)
        await asyncio.sleep(backoff(failures or 1, first=0.2, most=10))


def _failed(name: str, service: str, state: LoopState, began: float, failures: int, error: BaseException) -> int:
    now = asyncio.get_running_loop().time()
    # A loop that ran well for a while has not failed again and again.
    state.failures = 1 if now - began > HEALTHY_AFTER else failures + 1
    state.failed_at, state.reason = now, error_location(error)
    foreseen = isinstance(error, (*AWAY, Unavailable))
    LOOP_FAILURES.labels(service, name).inc()
    trail = [] if foreseen else error_frames(error)
    log.warning("loop.restarted", service=service, loop=name, reason=state.reason, trail=trail)
    return state.failures
