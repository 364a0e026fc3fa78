"""`hto asyncapi`: write, check or print the event documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from hto.documents.folder import CannotWrite, compare, put
from hto.startup import failed

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Print the AsyncAPI 3 document; or write or check it in docs/events, with one JSON Schema and one golden "
    "sample per event type, the life cycles, drawn, the slices, and what follows each event. A published schema never "
    "changes."
)
def asyncapi(
    write: Annotated[bool, typer.Option("--write", help="Write what is new.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where the committed documents differ.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the documents are.")] = Path("docs/events"),
) -> None:
    """Do one of the three."""
    from hto.documents import consequences, event_schemas, life_cycles, slices
    from hto.documents.asyncapi import document
    from hto.services import all_services

    services = all_services()
    text = json.dumps(document(services), indent=2, ensure_ascii=False) + "\n"
    pages = {
        "asyncapi.json": text,
        "life-cycles.md": life_cycles.page(services),
        "consequences.md": consequences.page(),
        "slices.md": slices.page(services),
    }
    if write:
        try:
            problems = event_schemas.write(folder)
            for name, page in pages.items():
                put(folder / name, page)
        except CannotWrite as error:
            raise failed(str(error)) from None
    elif check:
        problems = [
            *event_schemas.check(folder),
            *(problem for name, page in pages.items() for problem in compare(folder / name, page)),
        ]
    else:
        typer.echo(text, nl=False)
        return
    for problem in problems:
        typer.echo(problem, err=True)
    raise typer.Exit(1 if problems else 0)
