"""A weekly roster becomes absolute intervals, right on every night of the year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from common.policy import Policies
from rules.roster import (
    DeclaredHours,
    NotAnInterval,
    NotARoster,
    Slot,
    WorkInterval,
    declared_slots,
    occurrences,
    rostered,
)

MONDAY, SATURDAY, SUNDAY = 1, 6, 7


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def declared(minutes: int, *days: int) -> DeclaredHours:
    return DeclaredHours(
        employer="company",
        minutes_per_week=minutes,
        working_days=frozenset(days),
        first_day=date(2026, 9, 7),
        last_day=date(2026, 9, 13),
    )


def spread(policies: Policies, hours: DeclaredHours) -> list[tuple[int, str, str]]:
    value = policies.on("working_time.declared", hours.first_day).value
    return [
        (slot.weekday, slot.starts.isoformat("minutes"), slot.ends.isoformat("minutes"))
        for slot in declared_slots(hours, value)
    ]


def test_a_slot_keeps_its_clock_time_over_the_change_to_winter() -> None:
    lessons = [Slot(weekday=MONDAY, starts=time(9), ends=time(11))]
    assert list(occurrences(lessons, date(2026, 10, 19), date(2026, 10, 26))) == [
        (utc(2026, 10, 19, 7), utc(2026, 10, 19, 9)),
        (utc(2026, 10, 26, 8), utc(2026, 10, 26, 10)),
    ]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 6, 6), 8)], ids=str
)
def test_a_night_has_the_hours_it_really_has(day: date, hours: int) -> None:
    night = [Slot(weekday=SATURDAY, starts=time(22), ends=time(6))]
    ((start, end),) = occurrences(night, day, day)
    assert end - start == timedelta(hours=hours)


def test_a_slot_that_ends_when_it_starts_lasts_a_day() -> None:
    ((start, end),) = occurrences(
        [Slot(weekday=MONDAY, starts=time(8), ends=time(8))], date(2026, 9, 7), date(2026, 9, 7)
    )
    assert end - start == timedelta(hours=24)


def test_a_clock_time_that_spring_skips_is_an_hour_later() -> None:
    slot = [Slot(weekday=SUNDAY, starts=time(2, 30), ends=time(5))]
    ((start, end),) = occurrences(slot, date(2026, 3, 29), date(2026, 3, 29))
    assert (start, end) == (utc(2026, 3, 29, 1, 30), utc(2026, 3, 29, 3))


@pytest.mark.parametrize("ends", [time(3, 15), time(3, 30)], ids=str)
def test_a_slot_that_spring_leaves_no_time_does_not_occur(ends: time) -> None:
    slot = [Slot(weekday=SUNDAY, starts=time(2, 30), ends=ends)]
    assert list(occurrences(slot, date(2026, 3, 29), date(2026, 3, 29))) == []


def test_no_slot_starts_on_a_holiday_and_slots_come_in_order() -> None:
    slots = [
        Slot(weekday=MONDAY, starts=time(13), ends=time(15)),
        Slot(weekday=MONDAY, starts=time(9), ends=time(11)),
    ]
    intervals = rostered(
        slots,
        date(2026, 9, 7),
        date(2026, 9, 21),
        employer="school",
        contract_id="c1",
        except_days={date(2026, 9, 14)},
    )
    assert [interval.starts_at for interval in intervals] == [
        utc(2026, 9, 7, 7),
        utc(2026, 9, 7, 11),
        utc(2026, 9, 21, 7),
        utc(2026, 9, 21, 11),
    ]
    assert {(interval.employer, interval.contract_id) for interval in intervals} == {("school", "c1")}


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (utc(2026, 9, 7, 9), utc(2026, 9, 7, 9)),
        (utc(2026, 9, 7, 9), utc(2026, 9, 7, 8)),
        (datetime(2026, 9, 7, 9), utc(2026, 9, 7, 10)),  # noqa: DTZ001 - the fault under test
        (utc(2026, 9, 7, 9), datetime(2026, 9, 7, 10)),  # noqa: DTZ001 - the fault under test
    ],
)
def test_a_wrong_interval_is_refused(starts_at: datetime, ends_at: datetime) -> None:
    with pytest.raises(NotAnInterval, match="must end after it starts"):
        WorkInterval(starts_at=starts_at, ends_at=ends_at, employer="school")


def test_any_offset_from_utc_will_do() -> None:
    start = datetime(2026, 9, 7, 9, tzinfo=timezone(timedelta(hours=2)))
    assert WorkInterval(starts_at=start, ends_at=utc(2026, 9, 7, 8), employer="school").starts_at == utc(2026, 9, 7, 7)


def test_forty_hours_fill_five_days_from_half_past_eight_to_five(policies: Policies) -> None:
    slots = spread(policies, declared(2400, 1, 2, 3, 4, 5))
    assert slots[:2] == [(1, "08:30", "12:30"), (1, "13:00", "17:00")]
    assert len(slots) == 10


@pytest.mark.parametrize(
    ("minutes", "slots"),
    [
        (0, []),
        (240, [(1, "08:30", "12:30")]),
        (330, [(1, "08:30", "14:00")]),
        (495, [(1, "08:30", "12:37"), (1, "12:52", "17:00")]),
        (510, [(1, "08:30", "17:00")]),
        (600, [(1, "08:30", "18:30")]),
    ],
)
def test_the_break_is_as_long_as_the_day_has_room(
    policies: Policies, minutes: int, slots: list[tuple[int, str, str]]
) -> None:
    assert spread(policies, declared(minutes, MONDAY)) == slots


def test_no_declared_minute_gets_lost(policies: Policies) -> None:
    assert spread(policies, declared(500, 1, 3, 5)) == [
        (1, "08:30", "11:17"),
        (3, "08:30", "11:17"),
        (5, "08:30", "11:16"),
    ]


def test_every_day_of_the_week_may_be_a_working_day(policies: Policies) -> None:
    assert [weekday for weekday, *_ in spread(policies, declared(420, *range(1, 8)))] == [1, 2, 3, 4, 5, 6, 7]


def test_another_policy_spreads_otherwise(policies: Policies) -> None:
    changed = policies.with_value("working_time.declared", startsAt="07:00")
    assert spread(changed, declared(240, MONDAY)) == [(1, "07:00", "11:00")]


@pytest.mark.parametrize(("minutes", "days"), [(60, ()), (60, (0,)), (60, (8,)), (-1, (1,)), (1441, (1,))])
def test_declared_hours_that_cannot_be_worked_are_refused(minutes: int, days: tuple[Any, ...]) -> None:
    with pytest.raises(NotARoster):
        declared(minutes, *days)
