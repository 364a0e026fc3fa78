"""Rules for people: every row is listed, what nobody read is due, and a difference names its value."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hto.cli import app
from hto.documents.policies import PAGES, page
from hto.policies import against_predecessor, between, built_in, due, holding, newest
from registry.policy.usecases import built_in_policies
from registry.policy.wording import SUBJECTS, subject

ROOT = Path(__file__).parents[3]
DAY = date(2027, 1, 1)


def row(code: str = "vog", first: str = "2026-01-01", until: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "version": 1,
        "validFrom": first,
        "validUntil": until,
        "source": "WEB art. 4.2.1",
        "verified": False,
        "verifiedBy": None,
        "verifiedOn": None,
        "value": {"maxAgeMonths": 6},
        **more,
    }


def read(day: str, **more: Any) -> dict[str, Any]:
    return row(verified=True, verifiedBy="jurist", verifiedOn=day, **more)


def hto(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        app(["policies", *arguments])
    return int(end.value.code or 0)


def test_every_shipped_subject_has_a_name_and_an_owner() -> None:
    assert {policy.code.partition(".")[0] for policy in built_in_policies()} == set(SUBJECTS)
    assert subject("nobody.knows").owner_en == "the programme"
    assert {(one["ownerNl"], one["ownerEn"]) for one in built_in() if one["code"] == "vog"} == {
        ("ministerie van Onderwijs, Cultuur en Wetenschap", "Ministry of Education, Culture and Science")
    }


def test_only_the_newest_version_of_a_row_is_shown() -> None:
    old, new, other = row(), row(version=2, value={"maxAgeMonths": 3}), row(first="2027-01-01")
    assert newest([new, other, old]) == [new, other]
    assert holding([row(), row(first="2026-06-01", version=2)], DAY)["vog"]["version"] == 2


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (row(), "never"),
        (row(verified=True), "never"),
        (read("2026-06-01"), None),
        (read("2025-12-01"), "long-ago"),
        (read("2026-06-01", until="2027-03-31"), "ends"),
        (read("2026-06-01", until="2027-12-31"), None),
        (row(until="2026-12-31"), None),
    ],
    ids=["never read", "of before readings were kept", "read", "read long ago", "ends soon", "ends later", "is over"],
)
def test_a_row_is_due_that_was_not_read_or_ends(one: dict[str, Any], why: str | None) -> None:
    assert [each["due"] for each in due([one], DAY, 12)] == ([] if why is None else [why])


def test_a_row_that_goes_on_in_a_next_one_is_not_due_for_its_end() -> None:
    ending, following = read("2026-06-01", until="2027-03-31"), read("2026-06-01", first="2027-04-01")
    assert due([ending, following], DAY, 12) == []


def test_two_days_differ_in_what_began_ended_and_changed() -> None:
    rows = [
        row(until="2026-12-31"),
        row(first="2027-01-01", value={"maxAgeMonths": 6, "maxAgeWeeks": {"vo": 26}}, source="WVO art. 33"),
        row("lending", until="2026-12-31"),
        row("pension_age", first="2027-01-01"),
    ]
    found = [(each.code, each.what, each.before, each.after) for each in between(rows, date(2026, 12, 31), DAY)]
    assert found == [
        ("lending", "row", "2026-01-01", None),
        ("pension_age", "row", None, "2027-01-01"),
        ("vog", "source", "WEB art. 4.2.1", "WVO art. 33"),
        ("vog", "value.maxAgeWeeks", None, {"vo": 26}),
    ]
    assert against_predecessor(rows, "vog", "2027-01-01") == between(rows, date(2026, 12, 31), DAY)[2:]
    assert against_predecessor(rows, "vog", "2027-02-01") is None
    (first,) = against_predecessor(rows, "lending", "2026-01-01") or []
    assert (first.what, first.before, first.after) == ("row", None, "2026-01-01")


def test_the_committed_pages_are_those_of_the_rules() -> None:
    rows = built_in()
    for language, name in PAGES.items():
        assert (ROOT / "docs/rules" / name).read_text("utf-8") == page(rows, language)
    verified = page([read("2026-06-01")], "nl")
    assert "door jurist, op 2026-06-01" in verified
    assert "1 regels, waarvan 1 gecontroleerd" in verified


def test_rules_are_listed_as_a_table_and_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert hto("list", "--built-in", "--code", "vog", "--on", "2027-01-01") == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.split("  ")[0] == "code"
    assert "verified by" in header
    assert line.startswith("vog")
    assert "Ministry of Education" in line
    assert hto("list", "--built-in", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == len(built_in())
    assert hto("list", "--built-in", "--code", "nobody") == 0
    assert capsys.readouterr().out == "There are none.\n"


def test_due_rows_and_differences_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert hto("due", "--built-in", "--code", "lending", "--on", "2027-06-01") == 0
    assert "never compared with the text" in capsys.readouterr().out
    assert hto("due", "--built-in", "--code", "nobody", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert hto("due", "--built-in", "--code", "nobody") == 0
    assert "Nothing" in capsys.readouterr().out
    assert hto("diff", "2026-12-31", "2027-01-01", "--built-in", "--code", "lending") == 0
    assert "value.scheme" in capsys.readouterr().out
    assert hto("diff", "vog@2025-08-01", "--built-in", "--json") == 0
    assert "value.maxAgeWeeks" in {each["what"] for each in json.loads(capsys.readouterr().out)}
    assert hto("diff", "2027-01-01", "2027-01-01", "--built-in") == 0
    assert capsys.readouterr().out == "Nothing differs.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("diff", "2027-01-01"), 2, "two days"),
        (("diff", "vog@2025-08-01", "2027-01-01"), 2, "two days"),
        (("diff", "soon", "2027-01-01"), 2, "soon is no day"),
        (("list", "--on", "2027-02-30"), 2, "--on: 2027-02-30 is no day"),
        (("diff", "vog@2025-08-02"), 1, "no row vog@2025-08-02"),
        (("due", "--months", "0"), 2, "months"),
    ],
)
def test_input_that_is_wrong_gets_one_line(
    arguments: tuple[str, ...], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hto(*arguments, "--built-in") == status
    assert said in capsys.readouterr().err
