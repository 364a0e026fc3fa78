"""Documents that are committed: a command writes them, or names those that differ from the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

import typer

from hto.documents.folder import CannotWrite, compare, put
from hto.startup import failed


def write_or_check(pages: Mapping[Path, str], *, write: bool, problems: Iterable[str] = ()) -> NoReturn:
    """Write documents, or name on standard error what is wrong with them; the command ends: 0, or 1 with a problem.

    ``problems`` are known already.
    """
    found = list(problems)
    try:
        for path, text in pages.items():
            if write:
                put(path, text)
            else:
                found += compare(path, text)
    except CannotWrite as error:
        raise failed(str(error)) from None
    for problem in found:
        typer.echo(problem, err=True)
    raise typer.Exit(1 if found else 0)
