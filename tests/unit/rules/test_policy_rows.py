"""Policy files: what is refused, and what the shipped ones promise."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from common.errors import Invalid
from common.policy import Policies
from rules.rows import rows_from_json

GOOD: dict[str, Any] = {
    "code": "vog",
    "validFrom": "2026-01-01",
    "validUntil": "2026-12-31",
    "source": "somewhere",
    "verified": False,
    "value": {"maxAgeMonths": 6},
}

READ = {"verified": True, "verifiedBy": "jurist", "verifiedOn": "2026-11-28"}


def test_a_verified_row_has_who_read_it_and_when() -> None:
    (row,) = rows_from_json([{**GOOD, **READ}], version=1)
    assert (row.verified, row.verified_by, str(row.verified_on)) == (True, "jurist", "2026-11-28")
    with pytest.raises(Invalid) as refused:
        rows_from_json([{**GOOD, "verified": True}], version=1)
    assert [fault.name for fault in refused.value.params] == ["rows[0].verifiedBy", "rows[0].verifiedOn"]


def test_a_row_keeps_what_the_file_says() -> None:
    (row,) = rows_from_json([GOOD], version=3)
    assert (row.code, row.version, row.source, row.verified) == ("vog", 3, "somewhere", False)
    assert (row.valid_from.isoformat(), row.valid_until and row.valid_until.isoformat()) == ("2026-01-01", "2026-12-31")
    assert row.value == {"maxAgeMonths": 6}


def test_a_row_without_an_end_holds_for_ever() -> None:
    assert rows_from_json([{**GOOD, "validUntil": None}], version=1)[0].valid_until is None


def test_a_row_may_hold_for_one_day() -> None:
    (row,) = rows_from_json([{**GOOD, "validUntil": GOOD["validFrom"]}], version=1)
    assert row.valid_from == row.valid_until


@pytest.mark.parametrize(
    ("change", "name", "code"),
    [
        ({"code": " "}, "rows[1].code", "type"),
        ({"source": 5}, "rows[1].source", "type"),
        ({"verified": "no"}, "rows[1].verified", "type"),
        ({"value": []}, "rows[1].value", "type"),
        ({"validFrom": "20260101"}, "rows[1].validFrom", "type"),
        ({"validFrom": None}, "rows[1].validFrom", "type"),
        ({"validUntil": "2026-02-30"}, "rows[1].validUntil", "type"),
        ({"validUntil": "2025-12-31"}, "rows[1].validUntil", "order"),
        ({"extra": 1}, "rows[1].extra", "keys"),
        ({"verifiedBy": "jurist"}, "rows[1].verifiedBy", "keys"),
        ({**READ, "verifiedBy": " "}, "rows[1].verifiedBy", "type"),
        ({**READ, "verifiedOn": "soon"}, "rows[1].verifiedOn", "type"),
    ],
)
def test_a_faulty_row_is_refused_by_place_and_reason(change: dict[str, Any], name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rows_from_json([GOOD, {**GOOD, **change}], version=1)
    assert [(fault.name, fault.code) for fault in refused.value.params] == [(name, code)]


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        rows_from_json([{**GOOD, "code": "", "verified": 1}, {"code": "vog"}], version=1)
    assert {fault.reason for fault in refused.value.params if fault.code == "keys"} == {"is missing"}
    with pytest.raises(Invalid, match="is not known"):
        rows_from_json([{**GOOD, "extra": 1}], version=1)
    assert {fault.name for fault in refused.value.params} == {
        "rows[0].code",
        "rows[0].verified",
        "rows[1].source",
        "rows[1].validFrom",
        "rows[1].validUntil",
        "rows[1].value",
        "rows[1].verified",
    }


def test_no_two_rows_of_a_code_hold_on_the_same_day(policies: Policies) -> None:
    for rows in policies.rows.values():
        for one, other in combinations(rows, 2):
            assert not one.holds_on(other.valid_from)
            assert not other.holds_on(one.valid_from)


def test_no_number_of_a_policy_is_a_binary_fraction(policy_files: tuple[Path, ...]) -> None:
    for file in policy_files:
        json.loads(file.read_text(), parse_float=lambda text: pytest.fail(f"{text}: write it as a text"))


def test_no_row_is_verified_that_was_not_compared_with_the_text_of_today(policies: Policies) -> None:
    assert not [row.code for rows in policies.rows.values() for row in rows if row.verified]


def test_the_shipped_numbers_are_those_of_the_domain(policies: Policies) -> None:
    values = {code: rows[0].value for code, rows in policies.rows.items()}
    assert Decimal(values["vat.rates"]["standard"]) == Decimal("0.21")
    assert values["working_time.R1"]["maxMinutes"] == 12 * 60
    assert values["working_time.R2"]["maxMinutes"] == 60 * 60
    assert values["working_time.R3"]["maxMeanMinutes"] == 55 * 60
    assert values["working_time.R4"]["maxMeanMinutes"] == 48 * 60
    assert values["working_time.R5"]["minRestMinutes"] == 11 * 60
    assert values["qualification.ground.guest"]["maxMinutesPerWeek"] == 6 * 60
    assert values["qualification.ground.guest"]["maxMinutesPerSchoolYear"] == 14_400
