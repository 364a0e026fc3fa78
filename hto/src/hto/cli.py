"""`hto`: one command line for all of it. What a command needs, it imports when it runs: `hto --help` is quick."""

from __future__ import annotations

import typer

from hto.commands import api, asyncapi, issuer, migrate, openapi, worker

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="The national backend for hybride techniekopleiders.\n\nStart with `hto run`. Every command has --help.",
)
for command in (migrate, api, worker, issuer, openapi, asyncapi):
    app.add_typer(command.app)
