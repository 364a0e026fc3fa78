"""The guest cap: what counts, in which scope and year, who may lift it, and the clock that then runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.decision import Outcome, Reason
from common.policy import Policies
from rules.forms import SchoolType, TeachingRole
from rules.guest_cap import (
    OverrideIncomplete,
    PilotOverride,
    PlannedWork,
    TaughtLine,
    first_lesson_above,
    two_year_clock,
    use_of,
)
from rules.qualification import EligibilityFacts, assess, check

DAY = date(2026, 9, 1)
PLAN = PlannedWork(first_day=DAY, last_day=date(2027, 6, 30), minutes_per_week=360, board="north")
GUEST = EligibilityFacts(
    day=DAY, school_type=SchoolType.MBO, role=TeachingRole.GUEST_LECTURER, board="north", planned=(PLAN,)
)
PILOT = PilotOverride(
    reason="pilot with more hours", owner="desk east", starts_on=date(2026, 8, 1), ends_on=date(2027, 1, 31)
)


def taught(minutes: int, day: date = DAY, board: str = "north", **more: Any) -> TaughtLine:
    return TaughtLine(day=day, minutes=minutes, board=board, **more)


def plan(minutes_per_week: int, first: date = DAY, last: date = date(2026, 10, 31), **more: Any) -> PlannedWork:
    more.setdefault("board", "north")
    return PlannedWork(first_day=first, last_day=last, minutes_per_week=minutes_per_week, **more)


def caps(facts: EligibilityFacts, policies: Policies) -> list[Reason]:
    return [reason for reason in check(facts, policies).reasons if reason.rule == "GUEST_CAP"]


def test_a_whole_school_year_at_the_weekly_cap_fills_the_yearly_one(policies: Policies) -> None:
    found = assess(GUEST, policies)
    assert (found.allowed, found.ground, found.minutes_left_this_school_year) == (True, "GUEST", 0)
    assert [(reason.measured, reason.limit) for reason in caps(GUEST, policies)] == [(360, 360), (14_400, 14_400)]


def test_one_approved_minute_more_is_too_much_for_the_year(policies: Policies) -> None:
    found = assess(replace(GUEST, taught=(taught(1),)), policies)
    assert (found.allowed, found.ground, found.minutes_left_this_school_year) == (False, None, 0)
    assert [reason.outcome for reason in found.verdict.reasons if reason.rule == "GUEST_CAP"] == [
        Outcome.PASS,
        Outcome.BLOCK,
    ]


def test_engagements_at_the_same_time_add_up(policies: Policies) -> None:
    both = (plan(200), plan(161, first=date(2026, 10, 31), last=date(2026, 11, 30)))
    week, _ = caps(replace(GUEST, planned=both), policies)
    assert (week.outcome, week.measured) == (Outcome.WARN, 361)
    one_after_the_other = (plan(200), plan(161, first=date(2026, 11, 1), last=date(2026, 11, 30)))
    week, _ = caps(replace(GUEST, planned=one_after_the_other), policies)
    assert (week.outcome, week.measured) == (Outcome.PASS, 200)


def test_the_average_is_taken_over_the_school_year_and_a_full_week_is_a_warning(policies: Policies) -> None:
    """Ten weeks of eight hours are lawful (L2)."""
    short_and_full = replace(GUEST, planned=(plan(480, last=date(2026, 11, 9)),))
    week, year = caps(short_and_full, policies)
    assert (week.outcome, week.measured, week.limit) == (Outcome.WARN, 480, 360)
    assert (year.outcome, year.measured, year.limit) == (Outcome.PASS, 480 * 10, 14_400)
    found = assess(short_and_full, policies)
    assert (found.allowed, found.minutes_left_this_school_year) == (True, 14_400 - 4_800)


@pytest.mark.parametrize(("weeks", "allowed"), [(30, True), (31, False)])
def test_a_week_above_the_figure_lasts_until_the_year_is_full(
    policies: Policies,
    weeks: int,
    allowed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    full = replace(GUEST, planned=(plan(480, last=DAY + timedelta(weeks=weeks, days=-1)),))
    assert check(full, policies).ok is allowed


def test_the_average_was_taken_over_the_engagement_before(policies: Policies) -> None:
    then = date(2016, 9, 1)
    full = replace(GUEST, day=then, planned=(plan(300, first=then, last=date(2016, 10, 31)),))
    week, year = caps(full, policies)
    assert (week.outcome, week.measured, week.limit) == (Outcome.BLOCK, 300, 240)
    assert year.outcome is Outcome.PASS


@pytest.mark.parametrize(
    "line",
    [
        taught(20_000, contact=False),
        taught(20_000, approved=False),
        taught(20_000, board="south"),
        taught(20_000, day=date(2026, 7, 31)),
    ],
    ids=["preparation", "not approved", "another board", "last school year"],
)
def test_only_contact_minutes_approved_here_and_this_school_year_count(policies: Policies, line: TaughtLine) -> None:
    found = assess(replace(GUEST, planned=(), taught=(line,)), policies)
    assert (found.allowed, found.minutes_left_this_school_year) == (True, 14_400)


def test_a_reversed_hour_line_gives_its_minutes_back(policies: Policies) -> None:
    found = assess(replace(GUEST, planned=(), taught=(taught(600), taught(-600), taught(100))), policies)
    assert found.minutes_left_this_school_year == 14_300


def test_the_school_year_ends_on_the_last_of_july(policies: Policies) -> None:
    lines = (taught(100, day=date(2027, 7, 31)), taught(1000, day=date(2027, 8, 1)))
    assert assess(replace(GUEST, planned=(), taught=lines), policies).minutes_left_this_school_year == 14_300
    later = replace(GUEST, planned=(), taught=lines, day=date(2027, 8, 1))
    assert assess(later, policies).minutes_left_this_school_year == 13_400


def test_the_scope_may_be_the_person(policies: Policies) -> None:
    elsewhere = replace(GUEST, planned=(plan(300), plan(300, board="south")), taught=(taught(9000, board="south"),))
    assert check(elsewhere, policies).ok
    per_person = policies.with_value("qualification.counting", scope="person")
    week, year = caps(elsewhere, per_person)
    assert (week.measured, week.outcome) == (600, Outcome.WARN)
    assert year.measured == 9000 + 2 * 9 * 300


def test_every_school_year_of_a_plan_is_judged(policies: Policies) -> None:
    two_years = replace(GUEST, planned=(plan(100, first=date(2027, 5, 1), last=date(2028, 5, 31)),))
    full_next_year = replace(two_years, taught=(taught(14_000, day=date(2027, 9, 1)),))
    _, year = caps(full_next_year, policies)
    assert (year.outcome, year.measured, year.period) == (Outcome.BLOCK, 18_000, "2027-08-01/2028-07-31")


def test_a_plan_that_ends_on_the_first_day_of_a_school_year_is_in_that_year_too(policies: Policies) -> None:
    facts = replace(
        GUEST,
        planned=(plan(300, first=date(2027, 7, 26), last=date(2027, 8, 1)),),
        taught=(taught(14_200, day=date(2027, 8, 1)),),
    )
    _, year = caps(facts, policies)
    assert (year.outcome, year.measured) == (Outcome.BLOCK, 14_500)


def test_the_maximum_in_the_contract_limits_what_is_planned(policies: Policies) -> None:
    _, year = caps(replace(GUEST, planned=(plan(300, max_minutes_per_school_year=1_000),)), policies)
    assert year.measured == 1_000


@pytest.mark.parametrize(
    ("change", "rule"), [({"maxMinutesPerWeek": 480}, "week"), ({"maxMinutesPerSchoolYear": 19_200}, "year")]
)
def test_the_cap_is_policy(policies: Policies, change: dict[str, int], rule: str) -> None:
    changed = policies.with_value("qualification.ground.guest", **change)
    if rule == "week":
        (now, _), (then, _) = (caps(replace(GUEST, planned=(plan(480),)), rows) for rows in (policies, changed))
        assert (now.outcome, then.outcome) == (Outcome.WARN, Outcome.PASS)
    else:
        full = replace(GUEST, taught=(taught(14_400),), planned=())
        assert not check(replace(full, taught=(taught(14_401),)), policies).ok
        assert assess(full, changed).minutes_left_this_school_year == 4_800


def test_a_cap_may_be_absent(policies: Policies) -> None:
    (year,) = caps(GUEST, policies.with_value("qualification.ground.guest", maxMinutesPerWeek=None))
    assert year.unit == "minutes/school year"
    by_engagement = policies.with_value("qualification.counting", averageOver="engagement")
    (week,) = caps(GUEST, by_engagement.with_value("qualification.ground.guest", maxMinutesPerSchoolYear=None))
    assert week.unit == "minutes/week"


def test_a_weekly_figure_alone_is_averaged_over_the_teaching_weeks(policies: Policies) -> None:
    without = policies.with_value("qualification.ground.guest", maxMinutesPerSchoolYear=None, maxMinutesPerWeek=300)
    _, year = caps(GUEST, without)
    assert (year.outcome, year.measured, year.limit) == (Outcome.BLOCK, 14_400, 40 * 300)


def test_the_older_cap_of_four_hours_held_before(policies: Policies) -> None:
    then = replace(GUEST, day=date(2019, 9, 2), planned=())
    assert assess(then, policies).minutes_left_this_school_year == 9_600


def test_a_pilot_override_lets_the_cap_be_exceeded_and_says_so(policies: Policies) -> None:
    found = assess(replace(GUEST, planned=(plan(480, last=date(2027, 6, 30)),), override=PILOT), policies)
    assert (found.allowed, found.ends_on) == (True, date(2027, 1, 31))
    assert {reason.rule for reason in found.verdict.reasons if reason.outcome is Outcome.WARN} == {
        "GUEST_CAP",
        "PILOT_OVERRIDE",
    }
    last = found.verdict.reasons[-1]
    assert (last.measured, last.limit, last.source) == ("desk east", "2027-01-31", "pilot with more hours")


def test_a_full_week_needs_no_override(policies: Policies) -> None:
    found = assess(replace(GUEST, planned=(plan(480),), override=PILOT), policies)
    assert (found.allowed, found.ends_on) == (True, None)
    assert "PILOT_OVERRIDE" not in {reason.rule for reason in found.verdict.reasons}


def test_an_override_that_is_not_needed_limits_nothing(policies: Policies) -> None:
    found = assess(replace(GUEST, override=PILOT), policies)
    assert (found.allowed, found.ends_on) == (True, None)
    assert all(reason.outcome is Outcome.PASS for reason in found.verdict.reasons)


@pytest.mark.parametrize("day", [date(2026, 7, 31), date(2027, 2, 1)], ids=["before", "after"])
def test_an_override_holds_only_from_its_start_to_its_end(policies: Policies, day: date) -> None:
    facts = replace(GUEST, day=day, taught=(taught(14_401, day=day),), planned=(), override=PILOT)
    assert not check(facts, policies).ok


@pytest.mark.parametrize("change", [{"reason": " "}, {"owner": ""}, {"ends_on": date(2026, 7, 31)}])
def test_an_override_that_nobody_answers_for_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(OverrideIncomplete):
        replace(PILOT, **change)


def test_an_override_may_last_one_day() -> None:
    one_day = replace(PILOT, ends_on=PILOT.starts_on)
    assert one_day.holds_on(PILOT.starts_on)


def test_the_clock_reminds_at_18_21_and_23_months_and_flips_at_24(policies: Policies) -> None:
    clock = two_year_clock(date(2026, 8, 31), policies)
    assert clock.reminders == (date(2028, 2, 29), date(2028, 5, 31), date(2028, 7, 31))
    assert clock.flips_on == date(2028, 8, 31)
    assert clock.allows(date(2028, 8, 30))
    assert not clock.allows(date(2028, 8, 31))


def test_a_qualification_or_an_extension_stops_the_flip(policies: Policies) -> None:
    clock = two_year_clock(date(2026, 9, 1), policies)
    assert clock.allows(date(2030, 1, 1), verified=True)
    assert clock.allows(date(2029, 3, 1), extended_until=date(2029, 3, 1))
    assert not clock.allows(date(2029, 3, 2), extended_until=date(2029, 3, 1))


def test_another_policy_sets_another_clock(policies: Policies) -> None:
    changed = policies.with_value("qualification.clock", months=36, reminderMonths=[30])
    clock = two_year_clock(date(2026, 9, 1), changed)
    assert (clock.reminders, clock.flips_on) == ((date(2029, 3, 1),), date(2029, 9, 1))


@pytest.mark.parametrize(
    ("extended_until", "day", "ok", "ends_on"),
    [
        (None, date(2028, 8, 31), True, date(2028, 8, 31)),
        (None, date(2028, 9, 1), False, None),
        (date(2029, 1, 31), date(2028, 9, 1), True, date(2029, 1, 31)),
        (date(2027, 1, 31), date(2028, 8, 31), True, date(2028, 8, 31)),
    ],
)
def test_a_guest_above_the_cap_is_eligible_until_the_clock_flips(
    policies: Policies,
    extended_until: date | None,
    day: date,
    ok: bool,  # noqa: FBT001 - a column of the table
    ends_on: date | None,
) -> None:
    facts = replace(GUEST, day=day, planned=(), above_cap_since=date(2026, 9, 1), extended_until=extended_until)
    found = assess(facts, policies)
    assert (found.allowed, found.ends_on) == (ok, ends_on)
    assert "TWO_YEAR_CLOCK" in {reason.rule for reason in found.verdict.reasons}


def test_the_clock_starts_at_the_first_lesson_above_the_cap(policies: Policies) -> None:
    counting = policies.on("qualification.counting", DAY).value
    lines = [
        taught(9_000, day=date(2026, 7, 1)),
        taught(9_000, day=date(2026, 9, 1)),
        taught(5_400, day=date(2026, 12, 1)),
        taught(9_000, day=date(2026, 12, 2), board="south"),
        taught(9_000, day=date(2026, 12, 3), contact=False),
        taught(1, day=date(2027, 1, 5)),
        taught(1, day=date(2027, 1, 6)),
    ]
    assert first_lesson_above(lines, board="north", cap_minutes=14_400, counting=counting) == date(2027, 1, 5)
    person = {**counting, "scope": "person"}
    assert first_lesson_above(lines, board="north", cap_minutes=14_400, counting=person) == date(2026, 12, 2)
    assert first_lesson_above(lines, board="north", cap_minutes=20_000, counting=counting) is None


LINES = st.lists(
    st.builds(
        TaughtLine,
        day=st.dates(date(2026, 8, 1), date(2027, 7, 31)),
        minutes=st.integers(0, 600),
        board=st.sampled_from(("north", "south")),
        contact=st.booleans(),
        approved=st.booleans(),
    ),
    max_size=10,
)


@given(lines=LINES)
def test_a_persons_minutes_are_never_fewer_than_a_boards(policies: Policies, lines: list[TaughtLine]) -> None:
    counting = policies.on("qualification.counting", DAY).value

    def total(scope: str, board: str) -> int:
        return use_of(
            day=DAY, board=board, taught=lines, planned=(), counting={**counting, "scope": scope}
        ).this_school_year

    assert total("person", "north") == total("board", "north") + total("board", "south")
