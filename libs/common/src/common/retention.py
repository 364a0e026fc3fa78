"""Forgetting what is past its term, from time to time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

import structlog

from common.decision import Missing
from common.telemetry import RETENTION_FAILURES, place_of

if TYPE_CHECKING:
    from common.db import Database
    from common.running import Running
    from common.transaction import Tx

log = structlog.get_logger()

EVERY: Final = 3600.0
"""Seconds of real time between two looks at what may be forgotten."""
LONGEST: Final = 120.0
"""Seconds that one part may take."""
PARTS: Final = 1000
"""How often one hour asks for a further part: what never says that it is done does not run for ever."""

Forget = Callable[["Tx"], Awaitable[int]]


def hourly(*forgets: Forget) -> Callable[[Running], Coroutine[Any, Any, None]]:
    """Make a loop of a service: each function returns how many rows it changed, and is called again until none.

    Each call has a transaction of its own, so a function may take a part at a time. Where it raises ``Missing``, since
    the policy that says how long has not arrived, the next hour is waited for; whatever else it raises, and a part that
    takes too long, is logged and counted, and the other functions go on.
    """

    async def tidy(running: Running) -> None:
        while True:
            for forget in forgets:
                await forget_all(running.database, forget)
            await asyncio.sleep(EVERY)

    tidy.__qualname__ = "tidy"
    return tidy


async def forget_all(database: Database, forget: Forget, *, longest: float = LONGEST, parts: int = PARTS) -> None:
    """Forget all that one function finds, part by part; what it raises is logged and counted, and goes no further."""
    name = f"{forget.__module__}.{forget.__qualname__}"
    try:
        for _ in range(parts):
            async with asyncio.timeout(longest), database.begin(actor="retention") as tx:
                rows = await forget(tx)
            if not rows:
                break
            log.info("retention.tidied", service=database.service, what=name, rows=rows)
        else:
            log.warning("retention.unfinished", service=database.service, what=name, parts=parts)
            RETENTION_FAILURES.labels(database.service, name).inc()
    except Missing as error:
        log.info("retention.waits", service=database.service, what=name, fact=error.fact)
    except asyncio.CancelledError as error:
        # Ours where the worker stops; else a library's, within the work.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        _failed(database, name, error)
    except Exception as error:  # noqa: BLE001 - whatever it is, what the other functions forget is forgotten
        _failed(database, name, error)


def _failed(database: Database, name: str, error: BaseException) -> None:
    RETENTION_FAILURES.labels(database.service, name).inc()
    log.warning("retention.failed", service=database.service, what=name, reason=place_of(error))
