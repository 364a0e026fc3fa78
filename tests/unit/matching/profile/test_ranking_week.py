"""Weeks in local minutes: what counts, and what two of them share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from common.errors import Invalid
from matching.profile.model.week import Slot, Week
from tests.unit.matching.ranking.ranking_examples import FRIDAY_MORNING, TUESDAY_MORNING, WEEKS


def minutes_of(week: Week) -> set[tuple[int, int]]:
    return {(slot.weekday, minute) for slot in week.slots for minute in range(slot.start, slot.end)}


@pytest.mark.parametrize(
    ("slot", "field"),
    [
        ((0, 0, 60), "weekday"),
        ((8, 0, 60), "weekday"),
        ((1, 60, 60), "end"),
        ((1, -1, 60), "end"),
        ((1, 0, 1441), "end"),
    ],
)
def test_a_slot_outside_its_day_is_refused(slot: tuple[int, int, int], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Week.of([slot])
    assert [param.name for param in refused.value.params] == [field]


def test_a_slot_reads_as_weekday_and_clock() -> None:
    assert str(Slot(weekday=2, start=510, end=1440)) == "2 08:30-24:00"


def test_slots_that_overlap_or_touch_count_once() -> None:
    week = Week.of([(1, 600, 700), (1, 540, 660), (1, 700, 720), (2, 0, 60), (1, 560, 570)])
    assert week == Week.of([(1, 540, 720), (2, 0, 60)])
    assert week.minutes == 240


def test_different_days_share_nothing() -> None:
    assert TUESDAY_MORNING.overlap(FRIDAY_MORNING) == 0


@given(WEEKS, WEEKS)
def test_the_overlap_is_symmetric_and_exact(one: Week, other: Week) -> None:
    assert one.overlap(other) == other.overlap(one) == len(minutes_of(one) & minutes_of(other))


@given(WEEKS, WEEKS)
def test_the_overlap_of_two_weeks_is_a_week_of_exactly_the_overlap(one: Week, other: Week) -> None:
    assert one.shared(other) == other.shared(one)
    assert minutes_of(one.shared(other)) == minutes_of(one) & minutes_of(other)


@given(WEEKS)
def test_the_words_hold_every_minute_once(week: Week) -> None:
    assert week.minutes == len(minutes_of(week)) == sum(slot.minutes for slot in week.slots)
    assert int(np.bitwise_count(week.words()).sum()) == week.minutes
    assert int.from_bytes(week.words().tobytes(), "little") == week.bits
