"""Secrets in files: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def keep_secret(path: Path, text: str) -> str:
    """Write ``text`` unless the file is there already, and return what the file holds.

    Two processes that start at once agree: one file wins, and nobody ever sees half of one.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return path.read_text(encoding="utf-8")
        return text
    finally:
        Path(draft).unlink()
