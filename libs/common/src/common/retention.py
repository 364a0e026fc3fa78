"""Forgetting what is past its term, from time to time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

import structlog

from common.decision import Missing

if TYPE_CHECKING:
    from common.running import Running
    from common.transaction import Tx

log = structlog.get_logger()

EVERY: Final = 3600.0
"""Seconds of real time between two looks at what may be forgotten."""


def hourly(forget: Callable[[Tx], Awaitable[int]]) -> Callable[[Running], Coroutine[Any, Any, None]]:
    """Make a loop of a service: ``forget`` returns how many rows it changed, and is called again until there are none.

    Each call has a transaction of its own, so ``forget`` may take a part at a time. Where it raises ``Missing``, since
    the policy that says how long has not arrived, the next hour is waited for.
    """

    async def tidy(running: Running) -> None:
        while True:
            rows = 1
            try:
                while rows:
                    async with running.database.begin(actor="retention") as tx:
                        rows = await forget(tx)
                    if rows:
                        log.info("retention.tidied", service=running.database.service, rows=rows)
            except Missing as error:
                log.info("retention.waits", service=running.database.service, fact=error.fact)
            await asyncio.sleep(EVERY)

    tidy.__qualname__ = "tidy"
    return tidy
