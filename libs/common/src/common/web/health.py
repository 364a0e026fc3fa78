"""Is it alive, may it be sent requests, and what does it measure."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import asyncpg
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from common.errors import Unwell
from common.runtime.telemetry import error_location
from common.web.request_context import ApiContext, Check

log = structlog.get_logger()

PATIENCE: Final = 2.0
"""Seconds after which a check that does not answer has failed."""
FRESH: Final = 2.0
"""Seconds for which a probe's result is given again."""
_NOT_READY: Final = 503


async def alive(request: Request) -> Response:  # noqa: ARG001 - an ASGI endpoint's shape
    """Answer that the process runs; it says nothing about what it needs."""
    return JSONResponse({"status": "alive"})


async def metrics(request: Request) -> Response:  # noqa: ARG001 - an ASGI endpoint's shape
    """Answer the process's Prometheus metrics."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def readiness(context: ApiContext) -> dict[str, Any]:
    """Return what the last checks said: at most ``FRESH`` seconds ago, and one probe for all that ask meanwhile."""
    loop, probe = asyncio.get_running_loop(), context.probe
    if probe.running is None or (probe.running.done() and loop.time() - probe.began > FRESH):
        probe.began, probe.running = loop.time(), asyncio.create_task(_probe(context))
    # Shielded: a caller that goes away must not end the probe of the others.
    return await asyncio.shield(probe.running)


async def _probe(context: ApiContext) -> dict[str, Any]:
    """Run every check at once and tell each one's result: ``ok``, the kind of what went wrong, or what stands still."""

    async def database_answers() -> None:
        # A connection of its own: a full pool is a busy service, not one that is away.
        connection = await asyncpg.connect(context.database.url, timeout=PATIENCE)
        try:
            await connection.execute("SELECT 1")
        finally:
            connection.terminate()

    checks: dict[str, Check] = {"database": database_answers, **context.checks}
    results = await asyncio.gather(*(_result(name, check) for name, check in checks.items()))
    state: dict[str, Any] = {
        "ready": all(result == "ok" for result in results),
        "checks": dict(zip(checks, results, strict=True)),
    }
    if context.settings.test_clock:
        state["clockOffsetSeconds"] = int(context.database.clock.offset.total_seconds())
    return state


def ready_response(state: dict[str, Any]) -> Response:
    """Answer 200 or 503 with the state."""
    return JSONResponse(state, status_code=200 if state["ready"] else _NOT_READY)


async def all_ready(contexts: Iterable[tuple[str, ApiContext]]) -> Response:
    """Answer for every service of the process."""
    named = list(contexts)
    states = await asyncio.gather(*(readiness(context) for _, context in named))
    services = {name: state for (name, _), state in zip(named, states, strict=True)}
    return ready_response({"ready": all(state["ready"] for state in states), "services": services})


async def _result(name: str, check: Check) -> str:
    try:
        await asyncio.wait_for(check(), PATIENCE)
    except Exception as error:  # noqa: BLE001 - whatever it is, this part is not ready
        log.warning("health.not_ready", check=name, error=error_location(error))
        return str(error) if isinstance(error, Unwell) else type(error).__name__
    return "ok"
