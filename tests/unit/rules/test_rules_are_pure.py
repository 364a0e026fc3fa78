"""The law needs no database, no network and no clock."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import rules

ALLOWED = {"common.decision", "common.errors", "common.policy", "events.words"}


def imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_rules_import_the_standard_library_decisions_and_words_only() -> None:
    files = list(Path(rules.__file__).parent.glob("*.py"))
    assert files
    for file in files:
        foreign = {
            name
            for name in imported(file)
            if name not in ALLOWED and name.split(".")[0] not in {"rules", *sys.stdlib_module_names}
        }
        assert not foreign, file.name


def test_rules_never_ask_what_time_it_is() -> None:
    for file in Path(rules.__file__).parent.glob("*.py"):
        calls = {node.attr for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Attribute)}
        assert not calls & {"now", "today", "utcnow", "monotonic", "perf_counter"}, file.name
