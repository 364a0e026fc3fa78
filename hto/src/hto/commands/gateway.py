"""`hto gateway`: one address for services that run in processes of their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from hto.startup import NO_DATABASE, NO_LOG, run_part, settings_or_exit, wrong

if TYPE_CHECKING:
    from common.runtime.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Serve all services under one address, with the paths that `hto run` has.\n\n"
    "HTO_UPSTREAMS says where each is, by the first part of its paths.\n\n"
    "Example: HTO_UPSTREAMS=registry=http://localhost:8001,…,issuer=http://localhost:8006 hto gateway"
)
def gateway() -> None:
    """Serve until stopped."""
    from common.runtime.settings import SettingsError
    from hto.gateway import upstreams

    # It has no database and reads no log: only where to serve counts.
    settings = settings_or_exit(**NO_DATABASE, **NO_LOG)
    try:
        to = upstreams(os.environ.get("HTO_UPSTREAMS", ""))
    except SettingsError as error:
        raise wrong(str(error)) from None
    run_part(_serve(settings, to))


async def _serve(settings: Settings, to: dict[str, str]) -> None:
    from common.runtime.telemetry import configure
    from common.web import behind_proxies
    from hto.gateway import Gateway
    from hto.process import serving, until_stopped

    configure(settings, "gateway")
    made = Gateway(to)
    try:
        site = behind_proxies(made.app(), settings.trusted_proxies)
        async with serving(site, host=settings.host, port=settings.port) as address:
            typer.echo(f"gateway serves {address}: {', '.join(sorted(to))}", err=True)
            await until_stopped()
    finally:
        await made.close()
