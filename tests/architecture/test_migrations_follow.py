"""The migrations of each service follow one another, whoever wrote two of them side by side."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from hto.services import all_services

FOLDERS = {service.name: service.migrations for service in all_services()}


def in_line(folder: Path) -> bool:
    revisions = list(ScriptDirectory(str(folder), version_locations=[str(folder)]).walk_revisions())
    numbers = [each.revision for each in reversed(revisions)]
    follows = [each.down_revision for each in reversed(revisions)]
    written = len(list(folder.glob("[0-9]*.py")))
    return numbers == [f"{number + 1:04d}" for number in range(written)] and follows == [None, *numbers[:-1]]


@pytest.mark.parametrize("service", FOLDERS)
def test_the_migrations_of_a_service_are_one_line(service: str) -> None:
    """Git merges two that follow the same one without a word; then nothing can be migrated any more."""
    assert in_line(FOLDERS[service])


def test_two_migrations_that_follow_the_same_one_are_told(tmp_path: Path) -> None:
    for number, after in (("0001", "None"), ("0002", "'0001'"), ("0003", "'0001'")):
        (tmp_path / f"{number}_a.py").write_text(f"revision = '{number}'\ndown_revision = {after}\n")
    assert not in_line(tmp_path)
    (tmp_path / "0003_a.py").write_text("revision = '0003'\ndown_revision = '0002'\n")
    assert in_line(tmp_path)
