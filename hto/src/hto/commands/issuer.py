"""`hto issuer`: serve the development token issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hto.startup import run_part, settings_or_exit

if TYPE_CHECKING:
    from common.runtime.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Serve the development token issuer at /issuer.\n\n"
    "It gives its development clients any role they ask for, and is refused in production."
)
def issuer() -> None:
    """Serve until stopped."""
    run_part(_serve(settings_or_exit()))


async def _serve(settings: Settings) -> None:
    from common.runtime.telemetry import configure
    from common.web import create_site
    from hto.issuer import create_issuer
    from hto.process import serving, until_stopped
    from hto.services import all_scopes

    configure(settings, "issuer")
    made = create_issuer(settings, scopes=all_scopes())
    site = create_site([], {"/issuer": made.app()})
    async with serving(site, host=settings.host, port=settings.port) as address:
        typer.echo(f"issuer {made.url} serves at {address}/issuer", err=True)
        await until_stopped()
