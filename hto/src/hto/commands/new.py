"""`hto new`: what a developer begins with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from hto.startup import failed

_LETTERS: Final = "services/notifications/src/notifications/message/letters"

app = typer.Typer(
    name="new",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Begin something new: an aggregate.",
)


@app.callback()
def new() -> None:
    """Begin something new."""


@app.command(
    help="Make a new aggregate: folder, migration, events, tests and wiring, which pass. Run it in a checkout; then "
    "write your own rules over the example. docs/how-to/add-a-capability.md walks through one.\n\n"
    "Example: hto new aggregate training_track --service registry --dutch 'Een leertraject'"
)
def aggregate(
    name: Annotated[str, typer.Argument(help="In the singular, as training_track.")],
    service: Annotated[str, typer.Option(help="The service that owns it: registry, matching, contracts, …")],
    plural: Annotated[str, typer.Option(help="The table; by default the name with an s.")] = "",
    dutch: Annotated[str, typer.Option(help="In Dutch with its article, as 'Een leertraject'.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which files.")] = False,
    root: Annotated[Path, typer.Option(help="The checkout.")] = Path(),
) -> None:
    """Make it."""
    from hto.new import Aggregate, CannotMake, plan

    wanted = Aggregate(
        service=service, name=name, plural=plural or f"{name}s", dutch=dutch or f"Een {name.replace('_', ' ')}"
    )
    try:
        changes = plan(root, wanted)
    except CannotMake as error:
        raise failed(str(error)) from None
    for change in changes:
        typer.echo(f"{'new    ' if change.is_new else 'changed'} {change.path}")
        if not dry_run:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            change.path.write_text(change.text, encoding="utf-8")
    if dry_run:
        return
    _tidy(root, [change.path for change in changes if change.path.suffix == ".py"])
    typer.echo("\nNext: `make docs`, `make check`, and the new tests under tests/. Then write your own rules.")
    typer.echo(f"Letters about its events: {_LETTERS}/{name}.toml (docs/how-to/add-a-capability.md).")


def _tidy(root: Path, paths: list[Path]) -> None:
    """Sort imports and wrap lines, as `make fmt` would."""
    for arguments in (["check", "--quiet", "--fix", "--select", "I,F401"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *arguments, *(str(path.resolve()) for path in paths)]
        subprocess.run(command, cwd=root, check=False)  # noqa: S603 - our own tool on our own files
