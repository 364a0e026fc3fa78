"""Months as the law counts them, and the school year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.dates import add_months, last_day_of, months_spanned, period_of

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 8, 31), -6, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 1, 31), 0, date(2026, 1, 31)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int, result: date) -> None:
    assert add_months(day, months) == result


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 8, 1), date(2026, 8, 1), 1),
        (date(2026, 8, 1), date(2026, 8, 31), 1),
        (date(2026, 8, 1), date(2026, 9, 1), 2),
        (date(2026, 8, 15), date(2027, 8, 14), 12),
        (date(2026, 8, 15), date(2027, 8, 15), 13),
        (date(2028, 2, 29), date(2031, 2, 27), 36),
        (date(2028, 2, 29), date(2031, 2, 28), 36),
        (date(2028, 2, 29), date(2031, 3, 1), 37),
        (date(2028, 2, 29), date(2032, 2, 28), 48),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 31), date(2026, 3, 30), 2),
    ],
)
def test_a_begun_month_counts(first: date, last: date, months: int) -> None:
    assert months_spanned(first, last) == months


@given(first=DAYS, months=st.integers(1, 60))
def test_a_period_of_so_many_months_spans_as_many(first: date, months: int) -> None:
    assert months_spanned(first, add_months(first, months) - timedelta(days=1)) == months


def test_one_two_and_three_years_from_every_first_day_are_twelve_months_each() -> None:
    first = date(2024, 1, 1)
    while first < date(2033, 1, 1):
        for months in (12, 24, 36):
            last = last_day_of(first, months)
            assert months_spanned(first, last) == months, (first, last)
            assert months_spanned(first, last + timedelta(days=1)) == months + 1, (first, last)
        first += timedelta(days=1)


@given(first=DAYS, months=st.integers(1, 60))
def test_the_day_after_a_period_begins_another_month(first: date, months: int) -> None:
    last = last_day_of(first, months)
    assert months_spanned(first, last) == months
    assert months_spanned(first, last + timedelta(days=1)) == months + 1
    assert last_day_of(first, months) < last_day_of(first, months + 1)


@given(day=DAYS)
def test_every_day_is_in_its_school_year(day: date) -> None:
    first, last = period_of(day, 8)
    assert first <= day <= last
    assert (first.month, first.day, last.month, last.day) == (8, 1, 7, 31)
    assert period_of(last + timedelta(days=1), 8)[0] == last + timedelta(days=1)
