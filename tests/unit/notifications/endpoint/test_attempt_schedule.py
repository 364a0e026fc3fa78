"""When something is tried again: quickly at first, patiently later, and as the receiver asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.endpoint.model.schedule import (
    JITTER,
    LONGEST_THROTTLE,
    WAITS,
    next_attempt,
    next_probe,
    throttled_until,
)
from notifications.message.model.schedule import MAIL_MOST, next_mail

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
REAL = datetime(2026, 3, 1, 9, tzinfo=UTC)
chance = st.floats(0, 1)


def test_ten_attempts_take_three_days_and_then_it_is_kept() -> None:
    at = NOW
    for attempts in range(1, 10):
        following = next_attempt(attempts, at, 0.5)
        assert following is not None
        at = following
    assert at - NOW == timedelta(hours=75, minutes=35, seconds=5)
    assert next_attempt(10, at, 0.5) is None


@given(st.integers(1, 9), chance)
def test_deliveries_that_failed_together_are_spread_a_little(attempts: int, drawn: float) -> None:
    following = next_attempt(attempts, NOW, drawn)
    assert following is not None
    wait = WAITS[attempts - 1]
    assert wait * (1 - JITTER) <= following - NOW <= wait * (1 + JITTER) + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta()),
        ("99999999999999", LONGEST_THROTTLE),
        ("000000000000120", timedelta(minutes=2)),
        (format_datetime(REAL + timedelta(minutes=5), usegmt=True), timedelta(minutes=5)),
        (format_datetime(REAL - timedelta(minutes=5), usegmt=True), timedelta()),
    ],
)
def test_a_receiver_says_how_long_in_seconds_or_as_a_date_of_real_time(said: str, wait: timedelta) -> None:
    assert throttled_until(said, NOW, REAL) == NOW + wait


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "soon",
        "-5",
        "1.5",
        "Tue, 01 Sep 2026 09:00:00 -0000",
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "Wed, 99 Oct 2026 07:28:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -99999999999999999999",
        "\u0665",
        "Woensdag, 21 oktober 2026",
        "9" * 5000,
    ],
)
def test_a_wrong_retry_after_is_none(said: str | None) -> None:
    assert throttled_until(said, NOW, REAL) is None


_number = st.integers(-(10**30), 10**30).map(str)
_part = st.one_of(
    _number, st.sampled_from(["Wed,", "21", "Oct", "2026", "07:28:00", "GMT", "+0000", ":", "-"]), st.text()
)


@given(
    st.one_of(
        st.text(),
        _number,
        st.lists(_part, max_size=8).map(" ".join),
        st.binary().map(lambda raw: raw.decode("latin-1")),
    )
)
def test_any_retry_after_is_a_wait_of_at_most_a_day_or_none(said: str) -> None:
    """Seen red with a date of the year 99999999999999999999: an OverflowError in the loop that all partners share."""
    until = throttled_until(said, NOW, REAL)
    assert until is None or NOW <= until <= NOW + LONGEST_THROTTLE


@given(st.datetimes(timezones=st.just(UTC)))
def test_any_date_of_the_calendar_is_read_and_capped(moment: datetime) -> None:
    until = throttled_until(format_datetime(moment, usegmt=True), NOW, REAL)
    assert until is None or NOW <= until <= NOW + LONGEST_THROTTLE


@given(st.integers(1, 1000), chance)
def test_mail_is_always_tried_again_within_the_hour(attempts: int, drawn: float) -> None:
    assert NOW + timedelta(seconds=1) <= next_mail(attempts, NOW, drawn) <= NOW + MAIL_MOST


@given(st.integers(0, 100_000), st.timedeltas(timedelta(), timedelta(days=400)), st.floats(0, 1))
def test_a_receiver_is_probed_within_ten_seconds_of_its_return_however_long_it_was_away(
    probes: int, away: timedelta, chance: float
) -> None:
    wait = next_probe(probes, NOW - away, NOW, chance) - NOW
    assert (timedelta() if probes == 0 else timedelta(seconds=0.9)) <= wait < timedelta(seconds=10)
