"""`hto api SERVICE`: serve one service's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hto.startup import ServiceName, run_part, settings_or_exit

if TYPE_CHECKING:
    from common.runtime.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(help="Serve one service's API.\n\nExample: HTO_DATABASE_URL=… HTO_LOG_URL=… hto api registry")
def api(name: Annotated[ServiceName, typer.Argument(metavar="SERVICE", help="Which service.")]) -> None:
    """Serve until stopped."""
    run_part(_serve(settings_or_exit(), name))


async def _serve(settings: Settings, name: ServiceName) -> None:
    from common.runtime.collector import leave_alone_what_is_there
    from common.runtime.telemetry import configure
    from common.runtime.watchdog import end_hard
    from hto.process import process, serving, until_stopped
    from hto.services import service

    configure(settings, name.value)
    async with (
        process(settings, [service(name.value)], api=True, end=end_hard) as running,
        serving(running.site(), host=settings.host, port=settings.port) as address,
    ):
        leave_alone_what_is_there()
        typer.echo(f"{name.value} serves {address}/{name.value}/v1", err=True)
        await until_stopped()
