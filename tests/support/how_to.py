"""The commands that a page under docs/how-to shows, to be run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

PAGES: Final = Path(__file__).parents[2] / "docs" / "how-to"
_BLOCK: Final = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands_of(page: str, program: str = "hto") -> list[list[str]]:
    """Return the arguments of each command of a program that a page shows after a dollar sign."""
    text = (PAGES / page).read_text(encoding="utf-8")
    lines = [line for block in _BLOCK.findall(text) for line in block.splitlines() if line.startswith("$ ")]
    commands = [shlex.split(line.removeprefix("$ ")) for line in lines]
    return [arguments for name, *arguments in commands if name == program]
