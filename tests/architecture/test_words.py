"""New code uses the field's words: what is left of the private ones only gets fewer."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
TOLD: Final = re.compile(r"\b[Tt]old\b|_told\b|\btold_")
"""A verb of speech where data flow: publish, record, deliver."""
HEADLESS: Final = re.compile(r"(Who|Whoever|What|Whatever|Nobody|Somebody)\b")
"""A docstring that begins so names no subject: the caller, the worker, the row."""
PACKAGES: Final = {
    "libs/common": (56, 61),
    "libs/embedded": (0, 4),
    "libs/events": (8, 24),
    "libs/rules": (0, 13),
    "hto": (10, 11),
    "demo": (48, 10),
    "services/registry": (32, 73),
    "services/matching": (2, 23),
    "services/contracts": (48, 39),
    "services/notifications": (4, 13),
    "services/operations": (5, 9),
}
"""How many of each are left: lower the number when you mend some, and never raise it."""


def found(text: str) -> Counter[str]:
    """Count both in a source."""
    tree = ast.parse(text)
    docstrings = (
        ast.get_docstring(node) or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return Counter(told=len(TOLD.findall(text)), headless=sum(bool(HEADLESS.match(words)) for words in docstrings))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_gets_more_private_words(package: str) -> None:
    counted: Counter[str] = Counter()
    for path in (ROOT / package / "src").rglob("*.py"):
        if "migrations" not in path.parts:
            counted += found(path.read_text(encoding="utf-8"))
    told, headless = PACKAGES[package]
    assert counted["told"] <= told
    assert counted["headless"] <= headless


def test_both_are_found() -> None:
    assert found('"""What is told."""\n\n\ndef f() -> None:\n    """Whoever calls."""\n') == {"told": 1, "headless": 2}
