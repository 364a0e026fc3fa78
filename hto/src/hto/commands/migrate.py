"""`hto migrate`: bring databases and topics to this version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hto.startup import run_part, settings_or_exit

if TYPE_CHECKING:
    from common.runtime.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Bring databases and topics to this version, and publish the built-in policies that are missing.\n\n"
    "Safe to repeat. Example: HTO_DATABASE_URL='postgresql://…/hto_{service}' HTO_LOG_URL=kafka://… hto migrate"
)
def migrate(
    create_databases: Annotated[bool, typer.Option(help="Make databases that are missing.")] = True,
    reset_passwords: Annotated[
        bool, typer.Option("--reset-passwords", help="Give the services' users on the event log their passwords anew.")
    ] = False,
    print_acls: Annotated[
        bool,
        typer.Option("--print-acls", help="Only print what gives each service its rights on the event log, by hand."),
    ] = False,
) -> None:
    """Migrate all five services."""
    from hto.process import migrate as bring_up
    from hto.reference import seed
    from hto.services import all_services

    settings = settings_or_exit()
    if print_acls:
        typer.echo("\n".join(_by_hand(settings)))
        return
    changed = run_part(
        bring_up(settings, all_services(), create_databases=create_databases, reset_passwords=reset_passwords)
    )
    for line in changed:
        typer.echo(f"event log: {line}", err=True)
    run_part(seed(settings))
    typer.echo("Databases and topics are at this version; the built-in rules and reference data are there.", err=True)


def _by_hand(settings: Settings) -> list[str]:
    """Return what an administrator enters, by default for users called ``hto_{service}``."""
    from common.messaging.logs import by_hand
    from common.messaging.rights import ServiceLogin
    from common.runtime.log_login import user_of
    from common.service.rights import rights_of
    from hto.services import NAMES, all_services

    user = user_of(settings.log_url) or ""
    pattern = user if "{service}" in user else "hto_{service}"
    logins = [
        ServiceLogin(rights=rights_of(service, NAMES), user=pattern.replace("{service}", service.name))
        for service in all_services()
    ]
    return by_hand(settings.log_url, logins)
