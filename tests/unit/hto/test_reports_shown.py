"""What commands print of what they were answered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hto.commands import imports, parked

PARKED = {
    "id": "01a1",
    "consumer": "matching",
    "eventType": "nl.hybride-techniekopleiders.vacancy.posted.v1",
    "parkedKey": "key-1",
    "why": "failed",
    "reason": "KeyError at matching.usecases:12",
    "waiting": 3,
    "state": "parked",
}
REPORT: dict[str, Any] = {
    "applied": True,
    "encoding": "windows-1252",
    "separator": ";",
    "rows": 5,
    "usable": 4,
    "counts": {"school": {"added": 1, "changed": 1, "unchanged": 0}},
    "additions": [],
    "changes": [{"kind": "school", "code": "90AC", "fields": ["name", "place"]}],
    "repeats": [
        {"line": 3, "firstLine": 2, "code": "90AC00", "differs": ["street"]},
        {"line": 4, "firstLine": 2, "code": "90AC00", "differs": []},
    ],
    "problems": [
        {"line": 5, "field": "POSTCODE", "code": "blank", "reason": "A value is required here."},
        {"line": None, "field": "", "code": "unreadable", "reason": "The file ends too soon."},
    ],
    "repeatCount": 2,
    "problemCount": 7,
    "absent": [f"90AD{number:02}" for number in range(25)],
    "absentCount": 25,
    "nameless": 3,
}


def test_a_parked_key_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    parked.show([PARKED, {**PARKED, "eventType": None}])
    _, first, second = capsys.readouterr().out.splitlines()
    cells = ["01a1", "matching", "vacancy.posted.v1", "key-1", "failed", PARKED["reason"], "3", "parked"]
    assert re.split(r"  +", first) == cells
    assert second.split()[2] == "?", "an event that cannot be read has no type"


def test_a_parked_letter_is_shown_by_the_letter_that_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A row of a queue is no event; its topic is what kind of row it is. Seen red: a question mark."""
    parked.show([{**PARKED, "consumer": "notifications.letters", "eventType": None, "topic": "contract.offered"}])
    _, only = capsys.readouterr().out.splitlines()
    assert only.split()[1:3] == ["notifications.letters", "contract.offered"]


def test_an_import_reports_counts_changes_repeats_problems_and_absences(capsys: pytest.CaptureFixture[str]) -> None:
    imports._print(REPORT, Path("schools.csv"), as_json=False, verbose=False)
    text = capsys.readouterr().out
    for line in (
        "schools.csv (windows-1252, separated by semicolons): 5 rows, 4 usable; taken in",
        "school 90AC: name, place",
        "line 3: 90AC00 stands on line 2 already, which differs in street",
        "line 5, POSTCODE: A value is required here.",
        "the file: The file ends too soon.",
        "7 problems",
        "… and 5 more\n",
        "25 known schools and locations that the file leaves out: perhaps closed",
        "… and 5 more (--verbose lists more)",
        "3 lines cannot be read: some of these may be named there",
    ):
        assert line in text
    assert "line 4: 90AC00 stands on line 2 already\n" in text
    imports._print({**REPORT, "applied": False}, Path("schools.csv"), as_json=False, verbose=True)
    text = capsys.readouterr().out
    assert "dry run: nothing was changed" in text
    assert "90AD24" in text
    assert "more (--verbose" not in text
