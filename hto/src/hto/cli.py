"""`hto`: one command line for all of it. What a command needs, it imports when it runs: `hto --help` is quick."""

from __future__ import annotations

import sys
from typing import Any

import typer

from hto.commands import (
    api,
    asyncapi,
    cases,
    clock,
    demo,
    events,
    gateway,
    imports,
    issuer,
    letters,
    migrate,
    new,
    openapi,
    parked,
    policies,
    rebuild,
    redrive,
    run,
    token,
    worker,
)
from hto.output import OutputClosed, OutputFull, guarded, open_closed_streams


class CommandLine(typer.Typer):
    """Typer, but input that is wrong gets one line on standard error and status 2."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run what was asked and end the process with its status."""
        open_closed_streams()
        try:
            with guarded():
                status = super().__call__(*args, standalone_mode=False, **kwargs)
        except OutputClosed:
            status = 0
        except OutputFull as full:
            typer.echo(f"Standard output cannot be written: {full}", err=True)
            status = 1
        except (typer.Abort, KeyboardInterrupt):
            status = 130
        except Exception as error:
            said = getattr(error, "format_message", None)
            if said is None:
                raise
            named = getattr(getattr(error, "ctx", None), "command_path", "hto")
            typer.echo(f"{named}: {' '.join(said().split())} (see `{named} --help`)", err=True)
            status = getattr(error, "exit_code", 2)
        sys.exit(status if isinstance(status, int) else 0)


app = CommandLine(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The national backend for hybride techniekopleiders.\n\nStart with `hto run`. Every command has --help.",
)
for command in (
    run,
    demo,
    imports,
    token,
    cases,
    parked,
    redrive,
    rebuild,
    policies,
    clock,
    events,
    migrate,
    api,
    worker,
    issuer,
    gateway,
    openapi,
    asyncapi,
    letters,
    new,
):
    app.add_typer(command.app)
