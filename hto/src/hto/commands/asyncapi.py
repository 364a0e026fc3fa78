"""`hto asyncapi`: write, check or print the event documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from hto.committed import write_or_check
from hto.documents.folder import CannotWrite
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
    if not write and not check:
        typer.echo(text, nl=False)
        return
    try:
        problems = event_schemas.write(folder) if write else event_schemas.check(folder)
    except CannotWrite as error:
        raise failed(str(error)) from None
    write_or_check({folder / name: page for name, page in pages.items()}, write=write, problems=problems)
