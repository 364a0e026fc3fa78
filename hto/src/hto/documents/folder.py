"""Committed documents: written, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class CannotWrite(Exception):
    """A place where documents cannot be written."""


def put(path: Path, text: str) -> None:
    """Write a document.

    Raises:
        CannotWrite: not here.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror}.") from None


def compare(path: Path, text: str) -> list[str]:
    """Return what is wrong with the committed document: missing, or not what the code says."""
    if not path.is_file():
        return [f"{path}: not written yet; run `make docs`"]
    if path.read_bytes() != text.encode():
        return [f"{path}: differs from the code; run `make docs` and look at the difference"]
    return []
