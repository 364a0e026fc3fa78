"""Purging what is past its term, from time to time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import text

from common.decision import MissingDependency
from common.persistence.terms import Forget, Purge
from common.runtime.event_loop import is_stopping
from common.runtime.telemetry import RETENTION_DONE, RETENTION_FAILURES, RETENTION_ROWS, error_location

if TYPE_CHECKING:
    from common.persistence.database import Database
    from common.service.loop import LoopContext

log = structlog.get_logger()

EVERY: Final = 3600.0
"""Seconds of real time between two looks at what may be forgotten."""
LONGEST: Final = 120.0
"""Seconds that one part may take."""
PARTS: Final = 1000
"""How often one hour asks for a further part: what never says that it is done does not run for ever."""


def run_hourly(*forgets: Forget) -> Callable[[LoopContext], Coroutine[Any, Any, None]]:
    """Make a loop of a service: each function returns how many rows it changed, and is called again until none.

    Each call has a transaction of its own, so a function may take a part at a time. Where it raises
    ``MissingDependency``, since the policy that says how long has not arrived, the next hour is waited for; whatever
    else it raises, and a part that takes too long, is logged and counted, and the other functions go on.
    """

    async def purge_expired(context: LoopContext) -> None:
        for forget in forgets:
            # From now on somebody waits for it: a purge that never completes is seen by the age of this.
            RETENTION_DONE.labels(context.database.service, name_of(forget)).set_to_current_time()
        while True:
            for forget in forgets:
                await forget_all(context.database, forget)
                if is_stopping():
                    return
            await asyncio.sleep(EVERY)

    purge_expired.__qualname__ = "purge_expired"
    purge_expired.forgets = forgets  # type: ignore[attr-defined] # which tables have a term is read from the loops
    return purge_expired


def name_of(forget: Forget) -> str:
    """Return what a function is called in logs and metrics: the table that it purges, else its own name."""
    if isinstance(forget, Purge):
        return f"{forget.table} of {forget.part}" if forget.part else forget.table
    return f"{forget.__module__}.{forget.__qualname__}"


async def forget_all(database: Database, forget: Forget, *, longest: float = LONGEST, parts: int = PARTS) -> int:
    """Forget all that one function finds, part by part, and return how many rows.

    One process at a time: where another is at it, nothing is done here. What the function raises is logged and
    counted, and goes no further.
    """
    name, total = name_of(forget), 0
    RETENTION_FAILURES.labels(database.service, name)
    try:
        for _ in range(parts):
            async with asyncio.timeout(longest), database.begin(actor="retention") as tx:
                # Freed with the transaction, also where its process is killed.
                held = await tx.execute(_ALONE, {"what": f"{database.service} {name}"})
                if not held.scalar_one():
                    return total
                rows = await forget(tx)
            if not rows:
                RETENTION_DONE.labels(database.service, name).set_to_current_time()
                break
            total += rows
            RETENTION_ROWS.labels(database.service, name).inc(rows)
        else:
            log.warning("retention.unfinished", service=database.service, what=name, parts=parts)
            RETENTION_FAILURES.labels(database.service, name).inc()
    except MissingDependency as error:
        log.info("retention.waits", service=database.service, what=name, fact=error.fact)
    except asyncio.CancelledError as error:
        # Ours where the worker stops; else a library's, within the work.
        if is_stopping():
            raise
        _failed(database, name, error)
    except Exception as error:  # noqa: BLE001 - whatever it is, what the other functions forget is forgotten
        _failed(database, name, error)
    if total:
        log.info("retention.purged", service=database.service, what=name, rows=total)
    return total


def _failed(database: Database, name: str, error: BaseException) -> None:
    RETENTION_FAILURES.labels(database.service, name).inc()
    log.warning("retention.failed", service=database.service, what=name, reason=error_location(error))


_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(hashtext('hto retention'), hashtext(:what))")
