"""`hto letters`: print, write or check the letters, filled in with an example."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hto.committed import write_or_check
from hto.startup import failed

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Print the letters of one kind, filled in with an example, as people read them; or write or check all of them "
    "in docs/letters.\n\nExamples: hto letters; hto letters contract; hto letters --write"
)
def letters(
    kind: Annotated[str | None, typer.Argument(help="One of those that are listed without it.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write what is new.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where the committed documents differ.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the documents are.")] = Path("docs/letters"),
) -> None:
    """Do one of the four."""
    from hto.documents.letters import pages

    found = pages()
    if write or check:
        gone = [] if write else [path for path in sorted(folder.glob("*.md")) if path.name not in found]
        problems = [f"{path}: no letters have this page any more; remove it" for path in gone]
        write_or_check({folder / name: page for name, page in found.items()}, write=write, problems=problems)
    if kind is None:
        typer.echo("\n".join(name.removesuffix(".md") for name in found))
    elif f"{kind}.md" in found:
        typer.echo(found[f"{kind}.md"], nl=False)
    else:
        raise failed(f"There are no letters {kind}; `hto letters` lists them.")
