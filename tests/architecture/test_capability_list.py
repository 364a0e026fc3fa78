"""The list of capabilities names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIST = (ROOT / "docs/capabilities.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in LIST.splitlines() if re.match(r"\| [A-Z]", line)
]
PROOFS = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", LIST)))


@pytest.mark.parametrize(("file", "name"), PROOFS)
def test_a_proof_is_a_test(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / "tests" / file).read_text()


def test_what_works_has_a_proof_and_the_counts_are_right() -> None:
    states = [row[4] for row in ROWS]
    assert [row[0] for row in ROWS if row[4] in {"works", "partly"} and "::" not in row[5]] == []
    for state in ("works", "partly", "not yet", "context"):
        assert f"| {state} | {states.count(state)} |" in LIST
    assert f"| all | {len(ROWS)} |" in LIST
