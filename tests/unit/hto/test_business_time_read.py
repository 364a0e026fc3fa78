"""Lengths of time and moments, as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hto.business_time import moment, morning, span


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("15d", timedelta(days=15)),
        ("2w", timedelta(weeks=2)),
        ("6h", timedelta(hours=6)),
        ("30m", timedelta(minutes=30)),
        ("45s", timedelta(seconds=45)),
        ("1d12h", timedelta(days=1, hours=12)),
        (" +1W2D ", timedelta(days=9)),
        ("-3d", timedelta(days=-3)),
        ("-1d12h", -timedelta(days=1, hours=12)),
    ],
)
def test_a_length_of_time_is_read(text: str, length: timedelta) -> None:
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "15", "d", "15 days", "1.5d", "1d-2h", "foo", "--1d", "1y"])
def test_a_wrong_length_of_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="write 15d"):
        span(text)


@given(st.integers(min_value=0, max_value=10_000), st.sampled_from("wdhms"))
def test_back_is_the_opposite_of_on(number: int, unit: str) -> None:
    assert span(f"-{number}{unit}") == -span(f"{number}{unit}") == -span(f"+{number}{unit}")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("2026-07-01T08:30", datetime(2026, 7, 1, 6, 30, tzinfo=UTC)),
        ("2026-07-01T08:30:00+00:00", datetime(2026, 7, 1, 8, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_in_amsterdam_unless_it_has_an_offset(text: str, utc: datetime) -> None:
    assert moment(text) == utc


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "01-07-2026"])
def test_a_wrong_moment_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="write 2026-09-01"):
        moment(text)


def test_a_morning_is_the_same_hour_in_summer_and_winter() -> None:
    assert morning(date(2026, 7, 1)).astimezone(UTC).hour == 5
    assert morning(date(2026, 12, 1)).astimezone(UTC).hour == 6
