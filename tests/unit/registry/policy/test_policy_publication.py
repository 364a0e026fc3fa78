"""Rules as data: only what says something new is published, and only in the shape that readers rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from common.errors import Invalid
from common.policy import Policies, PolicyRow
from registry.policy.model import publication as policy_publication
from registry.policy.usecases import built_in_policies
from rules.rows import rows_from_json

DAY = date(2026, 1, 1)


def row(code: str = "terms.signing", *, version: int = 1, day: date = DAY, **value: Any) -> PolicyRow:
    return PolicyRow(code=code, version=version, valid_from=day, value=value or {"days": 30}, source="an example")


def test_a_known_policy_row_is_not_published_again() -> None:
    newer = row(version=2, days=20)
    known = [newer, row()]
    assert policy_publication.changed(known, [replace(newer, version=9)]) == []
    assert policy_publication.changed(known, [row(days=30)]) == [row(days=30)], "an older version's value is news again"
    another_day = row(day=date(2027, 1, 1))
    assert policy_publication.changed(known, [another_day]) == [another_day]
    assert policy_publication.changed([], [row()]) == [row()]


def test_every_row_of_a_publication_carries_the_set_s_version_and_size_under_a_key_of_its_own() -> None:
    first, second = policy_publication.published([row(), row("vog", months=6)], version=3, rows_in_set=7)
    assert (first.set_version, second.set_version, first.rows_in_set) == (3, 3, 7)
    assert (first.policy_id, second.policy_id) == ("terms.signing@2026-01-01#3", "vog@2026-01-01#3")
    again = policy_publication.published([row()], version=4, rows_in_set=8)[0]
    assert again.key != first.key, "compaction must keep what old decisions were made by"


KNOWN = Policies.of(
    [
        row("vat.v1", rate="0.21", limit=5, share=0.5, exempt=True, kinds=["a"], parties={"x": 1}),
        row("vat.v2", rate="0.00", limit=None, share=0.5, exempt=True, kinds=[], parties={}),
        row("vog", months=6),
    ]
).rows


@pytest.mark.parametrize(
    ("value", "where", "reason"),
    [
        ({"rate": 21}, "value.rate", "must be a text"),
        ({"limit": "5"}, "value.limit", "must be a whole number or null"),
        ({"share": True}, "value.share", "must be a number"),
        ({"exempt": 1}, "value.exempt", "must be true or false"),
        ({"exempt": None}, "value.exempt", "must be true or false"),
        ({"kinds": {}}, "value.kinds", "must be a list"),
        ({"parties": []}, "value.parties", "must be an object"),
        ({"surprise": 1}, "value.surprise", "is not known"),
    ],
)
@pytest.mark.parametrize("code", ["vat.v1", "vat.v9"])
def test_a_row_has_the_shape_of_its_rule_or_of_its_siblings(
    code: str, value: dict[str, Any], where: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        policy_publication.check_shape(row(code, **{**KNOWN["vat.v1"][0].value, **value}), KNOWN)
    assert [(param.name, param.reason) for param in refusal.value.params] == [(where, reason)]


def test_a_fitting_value_is_accepted_and_null_where_a_known_row_has_null() -> None:
    policy_publication.check_shape(row("vat.v9", **{**KNOWN["vat.v1"][0].value, "limit": None}), KNOWN)
    policy_publication.check_shape(row("vog", months=3), KNOWN)


A_GROUND: dict[str, Any] = {"ground": "A", "maxMonths": 24}
GROUNDS = Policies.of(
    [
        row("qualification.ground.a", **A_GROUND),
        row("qualification.ground.b", **A_GROUND, maxExtensions=2),
        row("qualification.ground.b", day=date(2025, 1, 1), **A_GROUND),
    ]
).rows


@pytest.mark.parametrize("code", [f"qualification.ground.{name}" for name in "abc"])
def test_a_ground_may_make_a_demand_that_only_some_grounds_make(code: str) -> None:
    for value in (A_GROUND, {**A_GROUND, "maxExtensions": 1}):
        policy_publication.check_shape(row(code, **value), GROUNDS)
    with pytest.raises(Invalid, match=r"value\.maxMonths: is missing"):
        policy_publication.check_shape(row(code, ground="A", maxExtensions=1), GROUNDS)
    with pytest.raises(Invalid, match=r"value\.maxExtensions: must be a whole number"):
        policy_publication.check_shape(row(code, **A_GROUND, maxExtensions="2"), GROUNDS)


def test_missing_values_are_named() -> None:
    with pytest.raises(Invalid, match=r"value\.months: is missing"):
        policy_publication.check_shape(row("vog", weeks=3), KNOWN)


@pytest.mark.parametrize("code", ["vat", "new", "new.one"])
def test_a_rule_that_nobody_reads_is_not_published(code: str) -> None:
    with pytest.raises(policy_publication.UnknownRule, match=code):
        policy_publication.check_shape(row(code), KNOWN)


def test_every_built_in_row_fits_its_own_rule() -> None:
    rows = built_in_policies()
    known = Policies.of(rows).rows
    assert len(known) > 30
    for one in rows:
        policy_publication.check_shape(one, known)


OURS = ("programme", "retention", "terms")


@pytest.mark.parametrize("subject", OURS)
def test_programme_retention_and_terms_are_policy_rows_that_hold_from_the_baseline_on(subject: str) -> None:
    rows = rows_from_json(
        json.loads(files("registry.policy").joinpath(f"policies/{subject}.json").read_text()), version=1
    )
    assert {row.code.split(".")[0] for row in rows} == {subject}
    assert len({row.code for row in rows}) == len(rows)
    assert all(row.holds_on(date(2025, 8, 1)) and not row.verified for row in rows)


READ: dict[str, Any] = {"verified": True, "verified_by": "jurist", "verified_on": DAY, "source": "WEB art. 4.2.1"}


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, []),
        ({"source": "BW 7:668a"}, []),
        ({"source": "Waadi, article 7a"}, []),
        ({"verified_by": None}, [("verifiedBy", "missing")]),
        ({"verified_on": None}, [("verifiedOn", "missing")]),
        ({"source": "a page about the cart"}, [("source", "no-article")]),
        ({"verified_on": date(2026, 1, 2)}, [("verifiedOn", "out-of-range")]),
        ({"verified": False}, [("verifiedBy", "not-verified"), ("verifiedOn", "not-verified")]),
        ({"verified": False, "verified_by": None, "verified_on": None, "source": "a page"}, []),
    ],
)
def test_a_row_is_verified_by_a_person_on_a_day_and_an_article(
    change: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    """Before: "verified" was a box to tick."""
    read = replace(row(), **{**READ, **change})
    if not faults:
        policy_publication.check_reading(read, DAY)
        return
    with pytest.raises(Invalid) as refused:
        policy_publication.check_reading(read, DAY)
    assert [(fault.name, fault.code) for fault in refused.value.params] == faults


def test_a_reading_alone_is_news() -> None:
    read = replace(row(), **READ)
    assert policy_publication.changed([replace(row(), source="WEB art. 4.2.1")], [read]) == [read]
    assert policy_publication.changed([read], [read]) == []
