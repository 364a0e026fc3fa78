"""Secrets in files: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from common.runtime.private_files import close_all


def keep_secret(path: Path, text: str) -> str:
    """Write ``text`` unless the file is there already, and return what the file holds.

    Two processes that start at once agree: one file wins, and nobody ever sees half of one.
    """
    close_all(path.parent)
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
