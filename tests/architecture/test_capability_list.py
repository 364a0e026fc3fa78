"""The lists of capabilities, cases and requirements name tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIST = (ROOT / "docs/capabilities.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in LIST.splitlines() if re.match(r"\| [A-Z]", line)
]
PAGES = [LIST, *(page.read_text() for page in sorted((ROOT / "docs/security").glob("*.md")))]
PROOFS = sorted({proof for page in PAGES for proof in re.findall(r"`([\w/]+\.py)::(\w+)`", page)})
FILES = sorted({file for page in PAGES for file in re.findall(r"`([\w/]+/test_\w+\.py)`", page)})


@pytest.mark.parametrize(("file", "name"), PROOFS)
def test_a_proof_is_a_test(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / "tests" / file).read_text()


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_tests_that_is_named_is_there(file: str) -> None:
    assert (ROOT / "tests" / file).is_file()


def test_each_working_row_has_a_proof_and_the_counts_are_right() -> None:
    states = [row[4] for row in ROWS]
    assert [row[0] for row in ROWS if row[4] in {"works", "partly"} and "::" not in row[5]] == []
    for state in ("works", "partly", "not yet", "context"):
        assert f"| {state} | {states.count(state)} |" in LIST
    assert f"| all | {len(ROWS)} |" in LIST
