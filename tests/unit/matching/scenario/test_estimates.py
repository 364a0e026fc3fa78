"""What several simulated years say together."""

from __future__ import annotations

import math
import statistics

from hypothesis import given
from hypothesis import strategies as st

from matching.scenario.model.estimates import Estimate, Simulated, summary
from matching.scenario.model.year import Year


def year(filled: int = 1, **other: int) -> Year:
    counted = {"asked": 9, "declined": 0, "expired": 0, "withdrawn": 2, "open": 0, "letters": 20} | other
    return Year(places=50, consented=filled, hours=tuple(range(24, 24 * (filled + 1), 24)), **counted)


def test_years_that_are_the_same_leave_no_doubt() -> None:
    assert Estimate.of([5, 5, 5]) == Estimate(mean=5, low=5, high=5)


def test_the_interval_is_student_s_for_95_percent() -> None:
    values = [100, 110, 90, 105, 95]
    half = 2.776 * statistics.stdev(values) / math.sqrt(5)
    found = Estimate.of(values)
    assert found.mean == 100
    assert (found.low, found.high) == (100 - math.ceil(half), 100 + math.ceil(half))


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=60))
def test_the_interval_is_never_too_narrow_and_hardly_too_wide(values: list[int]) -> None:
    found, mean = Estimate.of(values), statistics.fmean(values)
    half = 2.042 * statistics.stdev(values) / math.sqrt(len(values))
    assert found.low <= mean - half + 1e-6
    assert found.high >= mean + half - 1e-6
    assert abs(found.mean - mean) <= 0.5 + 1e-6
    if len(values) > 30:
        assert found.high - found.low <= 2 * half + 4


def test_years_are_compared_one_by_one() -> None:
    now, then = [year(10), year(20), year(30)], [year(12), year(22), year(32)]
    found = summary(then, now)
    assert found is not None
    assert found.change is not None
    # The dice were the same: what the years differ among each other is no doubt about the rule.
    assert found.change["filled"] == Estimate(mean=2, low=2, high=2)
    assert found.measures["filled"].low < 20
    assert (found.runs, found.places) == (3, 50)
    assert {*found.measures} == {"filled", "asked", "letters", "in_vain", "median_hours", "p90_hours"}


def test_as_many_years_are_compared_as_both_have() -> None:
    found = summary([year(12)] * 2, [year(10)] * 5)
    assert found is not None
    assert found.runs == 2


def test_of_one_year_nothing_is_said() -> None:
    assert summary([year()], None) is None
    assert summary([year()] * 3, [year()]) is None


def test_the_years_of_now_have_no_difference() -> None:
    found = summary([year(3), year(4)], None)
    assert found is not None
    assert found.change is None
    assert found.measures["median_hours"].mean == 48


def test_estimates_come_back_from_json() -> None:
    plain = {
        "runs": 2,
        "places": 3,
        "measures": {"filled": {"mean": 2, "low": 1, "high": 3}},
        "change": None,
    }
    read = Simulated(runs=2, places=3, measures={"filled": Estimate(mean=2, low=1, high=3)}, change=None)
    assert Simulated.of_json(plain) == read
    with_change = Simulated.of_json(plain | {"change": plain["measures"]})
    assert with_change is not None
    assert with_change.change == read.measures
    assert Simulated.of_json(None) is None
