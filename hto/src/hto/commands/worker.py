"""`hto worker SERVICE`: relay, consume and keep time for one service."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from hto.startup import ServiceName, run_part, settings_or_exit

if TYPE_CHECKING:
    from common.runtime.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Relay, consume and keep time for one service. Start as many as you like: they share the work.\n\n"
    "With HTO_METRICS_PORT it serves /healthz, /readyz and /metrics.\n\n"
    "Example: HTO_DATABASE_URL=… HTO_LOG_URL=… hto worker registry"
)
def worker(name: Annotated[ServiceName, typer.Argument(metavar="SERVICE", help="Which service.")]) -> None:
    """Work until stopped."""
    run_part(_work(settings_or_exit(), name))


async def _work(settings: Settings, name: ServiceName) -> None:
    from common.runtime.collector import leave_alone_what_is_there
    from common.runtime.telemetry import configure
    from common.runtime.watchdog import end_hard
    from hto.process import process, serving, until_stopped
    from hto.services import service

    configure(settings, name.value)
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(process(settings, [service(name.value)], worker=True, end=end_hard))
        if settings.metrics_port is not None:
            await stack.enter_async_context(serving(running.health(), host=settings.host, port=settings.metrics_port))
        leave_alone_what_is_there()
        typer.echo(f"{name.value} works", err=True)
        await until_stopped()
