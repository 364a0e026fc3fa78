"""New code uses the field's words: what is left of the private ones only gets fewer."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
SERVICES: Final = [f"services/{path.name}" for path in sorted((ROOT / "services").iterdir())]
TOLD: Final = re.compile(r"\b[Tt]old\b|_told\b|\btold_")
"""A verb of speech where data flow: publish, record, deliver."""
HEADLESS: Final = re.compile(r"(Who|Whoever|What|Whatever|Nobody|Somebody)\b")
"""A docstring that begins so names no subject: the caller, the worker, the row."""
TEST_NAME: Final = re.compile(r"^test_(who|whoever|what|whatever|nobody|somebody)_|_(told|tells?)(_|$)")
PACKAGES: Final = ("libs/common", "libs/embedded", "libs/events", "libs/rules", "hto", "demo", *SERVICES)
LEFT: Final = {"libs/events": (7, 17)}
"""How many of each are left: what is published of an event, its description too, never changes."""


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
    told, headless = LEFT.get(package, (0, 0))
    assert counted["told"] <= told
    assert counted["headless"] <= headless


def test_no_name_of_a_test_is_headless_or_speaks_of_telling() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    names = {name for source in sources for name in re.findall(r"def (test_\w+)", source)}
    assert len(names) > 1000
    assert not [name for name in names if TEST_NAME.search(name)]


def test_both_are_found() -> None:
    assert found('"""What is told."""\n\n\ndef f() -> None:\n    """Whoever calls."""\n') == {"told": 1, "headless": 2}
