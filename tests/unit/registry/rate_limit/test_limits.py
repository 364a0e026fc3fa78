"""What is counted within a day is possible again a day after the oldest that stands in the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from registry.rate_limit.model import WINDOW, again_at, in_words

NOW = datetime(2026, 7, 1, 21, 59, 30, tzinfo=UTC)


def ago(*hours: float) -> list[datetime]:
    return [NOW - timedelta(hours=each) for each in hours]


@pytest.mark.parametrize(("hours", "again"), [((), None), ((1, 2), None), ((1, 2, 3), 3), ((9, 1, 2, 3), 3)])
def test_it_is_possible_again_once_fewer_than_the_most_lie_within_the_window(
    hours: tuple[float, ...], again: float | None
) -> None:
    expected = None if again is None else ago(again)[0] + WINDOW
    assert again_at(ago(*hours), 3) == expected


def test_a_moment_is_said_in_local_time_and_never_too_early() -> None:
    assert in_words(NOW) == "2026-07-02 at 00:00"
