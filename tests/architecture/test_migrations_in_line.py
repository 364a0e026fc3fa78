"""The migrations of a service form one line: two that were written side by side never share a number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
_NAMED = re.compile(r'^(revision|down_revision)(?:: [^=]+)? = (?:"(\d+)"|None)$', re.MULTILINE)


@pytest.mark.parametrize("service", sorted(folder.name for folder in SERVICES.iterdir() if (folder / "src").is_dir()))
def test_each_migration_follows_the_one_before_it(service: str) -> None:
    """Seen red when two with the number 0009 stood beside each other: no service of that version could be migrated."""
    files = sorted((SERVICES / service / "src" / service / "migrations").glob("[0-9]*.py"))
    named = [dict(_NAMED.findall(file.read_text("utf-8"))) for file in files]
    numbers = [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert [file.name[:4] for file in files] == numbers
    assert [one["revision"] for one in named] == numbers
    assert [one["down_revision"] for one in named] == ["", *numbers[:-1]]
