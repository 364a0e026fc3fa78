"""Tables as plain lines: as wide as they must be, so that nothing is cut off where another program reads them."""

from __future__ import annotations

from collections.abc import Sequence

import typer

_GAP = "  "


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a header, in columns."""
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    typer.secho(_line(header, widths), bold=True)
    for row in rows:
        typer.echo(_line(row, widths))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
