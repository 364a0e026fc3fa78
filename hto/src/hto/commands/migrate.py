"""`hto migrate`: bring databases and topics to this version."""

from __future__ import annotations

from typing import Annotated

import typer

from hto.startup import run_part, settings_or_exit

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Bring databases and topics to this version, and publish the built-in policies that are missing.\n\n"
    "Safe to repeat. Example: HTO_DATABASE_URL='postgresql://…/hto_{service}' HTO_LOG_URL=kafka://… hto migrate"
)
def migrate(
    create_databases: Annotated[bool, typer.Option(help="Make databases that are missing.")] = True,
) -> None:
    """Migrate all five services."""
    from hto.process import migrate as bring_up
    from hto.reference import seed
    from hto.services import all_services

    settings = settings_or_exit()
    run_part(bring_up(settings, all_services(), create_databases=create_databases))
    run_part(seed(settings))
    typer.echo("Databases and topics are at this version; the built-in rules and reference data are there.", err=True)
