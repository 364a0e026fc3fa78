"""The real reference files, where somebody has them: ``HTO_DATA`` names their folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def real_file(name: str) -> bytes:
    """The file's content; without it the test is skipped, or fails where CI requires everything."""
    folder = os.environ.get("HTO_DATA")
    if folder:
        path = Path(folder) / name
        if path.is_file():
            return path.read_bytes()
        pytest.fail(f"HTO_DATA names a folder without {name}")
    why = "HTO_DATA does not name the folder with the real reference files"
    if os.environ.get("HTO_REQUIRE_CONTAINERS") == "1":
        pytest.fail(why)
    pytest.skip(why)
