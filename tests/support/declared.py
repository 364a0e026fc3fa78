"""Declarations of one aggregate for tests that walk all of them: found in its own test file, listed nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

_TESTS: Final = Path(__file__).parents[1]


def declared(name: str, folder: str) -> Iterator[Any]:
    """Yield what each module below a folder of ``tests`` has under a name, such as ``WAYS``."""
    assigned = re.compile(rf"^{name}\b.* = ", re.MULTILINE)
    for path in sorted((_TESTS / folder).rglob("*.py")):
        if assigned.search(path.read_text(encoding="utf-8")):
            module = path.relative_to(_TESTS.parent).with_suffix("")
            yield getattr(import_module(".".join(module.parts)), name)
