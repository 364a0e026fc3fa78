"""A new aggregate is made by one command, and passes: its tests, the style, the order of imports, the documents."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.how_to import commands_of

ROOT = Path(__file__).parents[3]
HTO = Path(sys.executable).with_name("hto")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout of one's own."""
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for name in files:
        if (ROOT / name).is_file():
            target = tmp_path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    return tmp_path


def run(root: Path, *command: str) -> str:
    """Run a command on the copy's own sources."""
    sources = [
        str(path) for pattern in ("libs/*/src", "services/*/src", "hto/src", "demo/src") for path in root.glob(pattern)
    ]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*sources, str(root)]), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_command_of_the_page_makes_an_aggregate_that_passes(copy: Path) -> None:
    (arguments,) = commands_of("add-a-capability.md")
    made = run(copy, str(HTO), *arguments)
    new = [Path(line.split()[1]) for line in made.splitlines() if line.startswith("new ")]
    assert len(new) == 10
    run(copy, str(HTO), "openapi", "--write")
    run(copy, str(HTO), "asyncapi", "--write")
    run(copy, sys.executable, "-m", "ruff", "check", ".")
    run(copy, sys.executable, "-m", "ruff", "format", "--check", ".")
    run(copy, str(HTO.with_name("lint-imports")))
    tests = [str(path) for path in new if path.name.startswith("test_") and "e2e" not in path.parts]
    guards = [
        "unit/test_life_cycles",
        "unit/test_problems_in_dutch",
        "architecture/test_slices_in_order",
        "architecture/test_every_table_has_a_term",
    ]
    guards += ["architecture/test_every_wire", "architecture/test_every_copy_is_scrubbed"]
    tests += [f"tests/{guard}.py" for guard in guards]
    assert " passed" in run(copy, sys.executable, "-m", "pytest", "-q", "-n0", "--hypothesis-profile=quick", *tests)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["trainer", "--service", "registry"], "There is a trainer in registry already"),
        (["Track", "--service", "registry"], "is no name"),
        (["track", "--service", "payroll"], "no checkout with a service payroll"),
        (["track", "--service", "registry", "--plural", "vacancies"], "has a table vacancies already"),
        (["track", "--service", "registry", "--plural", "track"], "give --plural"),
        (["track", "--service", "operations"], "publishes no events of its own"),
    ],
)
def test_an_aggregate_that_cannot_be_made_is_refused_and_no_file_is_written(arguments: list[str], says: str) -> None:
    before = subprocess.run(["git", "status", "--short"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    done = subprocess.run([HTO, "new", "aggregate", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert says in " ".join(done.stderr.split())
    after = subprocess.run(["git", "status", "--short"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert after == before


def test_a_dry_run_only_says_which_files(copy: Path) -> None:
    said = run(copy, str(HTO), "new", "aggregate", "track", "--service", "matching", "--dry-run")
    assert "tracks.py" in said
    assert not (copy / "services/matching/src/matching/track").exists()
