"""On which days schools give no lessons: by holiday region, on public holidays, and not where no rule is known."""

from __future__ import annotations

import json
from datetime import date, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.policy import Policies
from rules.rows import rows_from_json
from rules.school_year import REGIONS, SchoolYear, days_between

POLICIES = Policies.of(
    row
    for name in ("school", "hours")
    for row in rows_from_json(
        json.loads(files("registry.policy").joinpath(f"policies/{name}.json").read_text("utf-8")), 1
    )
)
YEAR = SchoolYear.of(POLICIES, date(2026, 11, 2))
DAYS = st.dates(date(2025, 8, 1), date(2028, 9, 30))


def is_free(day: date, region: str | None) -> bool:
    return bool(YEAR.free_days(day, day, region))


@pytest.mark.parametrize(
    ("day", "noord", "midden", "zuid"),
    [
        (date(2026, 10, 12), True, False, False),
        (date(2026, 10, 19), False, True, True),
        (date(2027, 2, 15), False, False, True),
        (date(2027, 2, 22), True, True, False),
        (date(2026, 12, 21), True, True, True),
        (date(2027, 3, 29), True, True, True),
        (date(2026, 11, 2), False, False, False),
    ],
)
def test_each_holiday_region_has_its_own_days(day: date, *, noord: bool, midden: bool, zuid: bool) -> None:
    assert [is_free(day, region) for region in REGIONS] == [noord, midden, zuid]


def test_both_ends_of_a_holiday_belong_to_it() -> None:
    found = [day for day in days_between(date(2026, 12, 1), date(2027, 1, 31)) if is_free(day, "noord")]
    assert (found[0], found[-1], len(found)) == (date(2026, 12, 19), date(2027, 1, 3), 16)


def test_where_the_region_is_not_known_only_the_holidays_of_all_count() -> None:
    assert not is_free(date(2026, 10, 12), None)
    assert is_free(date(2026, 12, 21), None)


def test_a_school_year_that_is_not_known_has_public_holidays_only() -> None:
    assert YEAR.free_days(date(2028, 12, 20), date(2028, 12, 31), "zuid") == {date(2028, 12, 25), date(2028, 12, 26)}


def test_before_there_were_such_rules_no_day_is_free() -> None:
    nothing = SchoolYear.of(Policies(), date(2026, 11, 2))
    assert nothing.free_days(date(2026, 1, 1), date(2026, 12, 31), None) == frozenset()
    assert nothing.region_of("Utrecht", "AM13") is None
    assert SchoolYear.of(POLICIES, date(2020, 1, 1)).free_days(date(2026, 12, 20), date(2026, 12, 24), "zuid") == set()


@pytest.mark.parametrize(
    ("municipality", "labour_market_region", "region"),
    [
        ("Groningen", "AM01", "noord"),
        ("Wageningen", "AM38", "midden"),
        ("Deventer", "AM06", "noord"),
        (None, "AM06", "midden"),
        ("Hattem", None, "noord"),
        ("Utrecht", None, None),
        (None, None, None),
    ],
)
def test_a_municipality_that_differs_from_its_region_goes_first(
    municipality: str | None, labour_market_region: str | None, region: str | None
) -> None:
    assert YEAR.region_of(municipality, labour_market_region) == region


def test_the_rule_and_the_reference_of_towns_agree() -> None:
    towns = json.loads(files("registry.reference").joinpath("towns.json").read_text("utf-8"))
    wrong = [t["name"] for t in towns if YEAR.region_of(t["municipality"], t["region"]) != t["holidayRegion"]]
    assert not wrong


def test_every_labour_market_region_lies_in_a_holiday_region() -> None:
    regions = json.loads(files("registry.reference").joinpath("regions.json").read_text("utf-8"))
    codes = {each["code"] for each in regions if each["scheme"] == "labour_market"}
    assert YEAR.regions["labourMarketRegions"].keys() == codes


def test_each_school_year_has_five_holidays_that_lie_within_it_in_whole_weeks() -> None:
    for year in YEAR.school["years"]:
        first = int(year["year"][:4])
        assert [each["nl"] for each in year["holidays"]] == [
            "Herfstvakantie", "Kerstvakantie", "Voorjaarsvakantie", "Meivakantie", "Zomervakantie",
        ]  # fmt: skip
        for holiday in year["holidays"]:
            for region in REGIONS:
                begins, ends = (date.fromisoformat(holiday[region][name]) for name in ("first", "last"))
                assert date(first, 8, 1) <= begins < ends <= date(first + 1, 9, 10)
                assert (begins.isoweekday(), ends.isoweekday()) == (6, 7)


@given(DAYS, st.integers(0, 400), st.sampled_from([None, *REGIONS]))
def test_a_period_has_the_free_days_of_each_of_its_days(first: date, many: int, region: str | None) -> None:
    last = first + timedelta(days=many)
    assert YEAR.free_days(first, last, region) == {day for day in days_between(first, last) if is_free(day, region)}


@given(DAYS, st.integers(0, 60))
def test_where_the_region_is_not_known_no_day_is_free_that_some_region_works(first: date, many: int) -> None:
    last = first + timedelta(days=many)
    assert all(YEAR.free_days(first, last, None) <= YEAR.free_days(first, last, region) for region in REGIONS)
