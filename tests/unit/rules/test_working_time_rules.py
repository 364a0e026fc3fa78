"""R1 to R7: each has a case that it catches, and another policy sees it otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from common.decision import MissingDependency, Outcome, Reason
from common.policy import Policies
from rules.forms import Form
from rules.rest import daily
from rules.roster import AMSTERDAM, DeclaredHours, WorkInterval
from rules.timeline import Shift
from rules.working_time import WorkingTimeFacts, check, findings

MONDAY = date(2026, 9, 7)
WORKWEEK = frozenset({1, 2, 3, 4, 5})


def work(
    day: date, begins: str, ends: str, employer: str = "company", form: Form | None = None, contract_id: str = ""
) -> WorkInterval:
    """Work in Amsterdam clock time; one that ends no later than it begins ends next day."""
    next_day = day + timedelta(days=ends <= begins)
    return WorkInterval(
        starts_at=datetime.fromisoformat(f"{day}T{begins}").replace(tzinfo=AMSTERDAM),
        ends_at=datetime.fromisoformat(f"{next_day}T{ends}").replace(tzinfo=AMSTERDAM),
        employer=employer,
        form=form,
        contract_id=contract_id,
    )


def lesson(day: date, begins: str, ends: str, school: str = "school") -> WorkInterval:
    return work(day, begins, ends, school, Form.DUAL_EMPLOYMENT, f"contract of {school}")


def days(count: int, *, first: date = MONDAY, weekdays: Iterable[int] = WORKWEEK) -> list[date]:
    every = (first + timedelta(days=offset) for offset in range(count))
    return [day for day in every if day.isoweekday() in weekdays]


def facts(*intervals: WorkInterval, **more: Any) -> WorkingTimeFacts:
    return WorkingTimeFacts(day=MONDAY, intervals=intervals, **more)


def reason(policies: Policies, rule: str, case: WorkingTimeFacts) -> Reason:
    return next(reason for reason in check(case, policies).reasons if reason.rule == rule)


def declared(minutes: int, last_day: date = MONDAY + timedelta(days=6), employer: str = "company") -> DeclaredHours:
    return DeclaredHours(
        employer=employer, minutes_per_week=minutes, working_days=WORKWEEK, first_day=MONDAY, last_day=last_day
    )


LONG_SHIFT = facts(work(MONDAY, "07:00", "12:00"), work(MONDAY, "12:59", "19:01"))
LONG_WEEK = facts(
    *(work(day, "08:00", "20:00") for day in days(6, weekdays=range(1, 7))[:5]),
    work(days(6, weekdays=[6])[0], "08:00", "08:01"),
)
FIFTY_SIX_HOURS = facts(*(work(day, "08:00", "19:12") for day in days(28)))
FORTY_NINE_HOURS = facts(*(work(day, "08:00", "17:48") for day in days(112)))
TWO_SHORT_NIGHTS = facts(
    *(
        work(day, begins, ends)
        for day, begins, ends in zip(days(3), ("13:00", "08:00", "08:00"), ("22:00", "22:00", "12:00"), strict=True)
    )
)
NO_WEEKEND = facts(*(work(day, "08:00", "12:00") for day in days(14, weekdays=range(1, 8))))
ALMOST_A_LONG_SHIFT = facts(work(MONDAY, "08:00", "18:48"))

CASES: list[tuple[str, WorkingTimeFacts, Outcome, Any, Any, dict[str, Any]]] = [
    ("R1", LONG_SHIFT, Outcome.BLOCK, 721, 720, {"maxMinutes": 721}),
    ("R2", LONG_WEEK, Outcome.BLOCK, 3601, 3600, {"maxMinutes": 3601}),
    ("R3", FIFTY_SIX_HOURS, Outcome.BLOCK, 3360, 3300, {"maxMeanMinutes": 3360}),
    ("R4", FORTY_NINE_HOURS, Outcome.BLOCK, 2940, 2880, {"maxMeanMinutes": 2940}),
    ("R5", TWO_SHORT_NIGHTS, Outcome.BLOCK, 600, 660, {"minRestMinutes": 600}),
    ("R6", NO_WEEKEND, Outcome.WARN, 1200, 2160, {"minRestMinutes": 1200}),
]


@pytest.mark.parametrize(("rule", "case", "outcome", "measured", "limit", "change"), CASES, ids=[c[0] for c in CASES])
def test_the_rule_catches_its_case_and_its_policy_decides(
    policies: Policies,
    rule: str,
    case: WorkingTimeFacts,
    outcome: Outcome,
    measured: int,
    limit: int,
    change: dict[str, Any],
) -> None:
    found = reason(policies, rule, case)
    assert (found.outcome, found.measured, found.limit, found.unit) == (outcome, measured, limit, "minutes")
    assert found.source
    assert found.period
    changed = policies.with_value(f"working_time.{rule}", **change)
    assert reason(changed, rule, case).outcome is Outcome.PASS


def test_r7_warns_from_nine_tenths_of_a_limit_on_and_its_policy_decides(policies: Policies) -> None:
    """Before: a full-timer was warned for every ordinary week."""
    found = reason(policies, "R7", ALMOST_A_LONG_SHIFT)
    assert (found.outcome, found.measured, found.limit, found.unit) == (Outcome.WARN, 648, 720, "minutes/limit")
    assert found.period.startswith("R1 2026-09-07T08:00+02:00")
    changed = policies.with_value("working_time.R7", shareOfLimit="0.91")
    assert [reason.rule for reason in check(ALMOST_A_LONG_SHIFT, changed).reasons] == [
        "R1",
        "R2",
        "R3",
        "R4",
        "R5",
        "R6",
    ]


def test_a_full_working_week_is_not_near_a_limit(policies: Policies) -> None:
    forty = facts(*(work(day, "08:30", "16:30") for day in days(112)))
    assert {reason.outcome for reason in check(forty, policies).reasons} == {Outcome.PASS}


def test_before_the_programme_r7_warned_from_four_fifths_and_showed_that_share(policies: Policies) -> None:
    case = facts(work(MONDAY, "08:00", "17:36"))
    found = reason(policies, "R7", replace(case, day=date(2025, 7, 31)))
    assert (found.measured, found.limit, found.unit) == (576, Decimal(576), "minutes")
    assert "R7" not in {reason.rule for reason in check(case, policies).reasons}


def test_a_wage_above_the_exemption_makes_limits_advice(policies: Policies) -> None:
    case = replace(LONG_WEEK, earns_exempt_wage=True)
    exempt, *others = check(case, policies).reasons
    assert (exempt.rule, exempt.outcome, exempt.limit, exempt.unit) == (
        "WORKING_TIME_EXEMPT",
        Outcome.PASS,
        Decimal(4413),
        "cents/hour",
    )
    assert exempt.source
    assert {reason.outcome for reason in others if reason.rule == "R2"} == {Outcome.WARN}
    assert not check(LONG_WEEK, policies).ok
    assert reason(policies.with_value("working_time.exemption", timesMinimumWage="4"), exempt.rule, case).limit == 5884


@pytest.mark.parametrize(
    ("lessons", "doubled"),
    [
        ([lesson(MONDAY, "10:00", "12:00")], 120),
        ([lesson(MONDAY, "07:00", "09:00")], 30),
        ([lesson(MONDAY, "12:30", "13:00")], None),  # the break
        ([lesson(MONDAY, "17:00", "19:00"), lesson(days(6, weekdays=[6])[0], "10:00", "12:00")], None),
        ([lesson(MONDAY, "10:00", "12:00"), lesson(days(2)[1], "10:00", "11:00")], 180),
        ([lesson(MONDAY, "12:00", "13:30")], 60),  # both sides of the break
    ],
)
def test_lessons_in_the_hours_declared_at_the_employer_are_a_finding(
    policies: Policies, lessons: list[WorkInterval], doubled: int | None
) -> None:
    case = facts(*lessons, declared=(declared(2400),), main_employer="company", contract_id="contract of school")
    found = [reason for reason in check(case, policies).reasons if reason.rule == "DOUBLE_BOOKED"]
    shown = [(each.outcome, each.measured, each.limit, each.period) for each in found]
    assert shown == ([] if doubled is None else [(Outcome.WARN, doubled, 0, "2026-W37")])
    if doubled:
        assert findings(case, policies)[-1].contract_ids == {"contract of school"}
    few = policies.with_value("working_time.double_booking", maxMinutesPerWeek=180)
    assert {each.outcome for each in check(case, few).reasons if each.rule == "DOUBLE_BOOKED"} <= {Outcome.PASS}


def test_only_the_contract_that_is_judged_doubles_and_seconded_work_never_does(policies: Policies) -> None:
    seconded = work(MONDAY, "10:00", "12:00", "company", Form.SECONDMENT, "lent")
    other = lesson(MONDAY, "14:00", "15:00", "other")
    for judged, intervals in (("lent", (seconded, other)), ("contract of school", (other,))):
        case = facts(*intervals, declared=(declared(2400),), main_employer="company", contract_id=judged)
        assert "DOUBLE_BOOKED" not in {reason.rule for reason in check(case, policies).reasons}, judged


def test_a_limit_that_is_passed_is_not_also_nearly_reached(policies: Policies) -> None:
    assert "R7" not in {reason.rule for reason in check(LONG_SHIFT, policies).reasons}


def test_a_rule_may_be_made_advice(policies: Policies) -> None:
    assert not check(LONG_SHIFT, policies).ok
    assert check(LONG_SHIFT, policies.with_value("working_time.R1", outcome="warn")).ok


def test_exactly_at_the_limit_is_allowed(policies: Policies) -> None:
    assert reason(policies, "R1", facts(work(MONDAY, "08:00", "20:00"))).outcome is Outcome.PASS


def test_a_gap_of_an_hour_ends_a_shift(policies: Policies) -> None:
    split = facts(work(MONDAY, "07:00", "12:00"), work(MONDAY, "13:00", "19:01"))
    assert reason(policies, "R1", split).measured == 361
    merging = policies.with_value("working_time.R1", mergeGapMinutes=61)
    assert reason(merging, "R1", split).measured == 721


def test_a_collective_agreement_raises_the_four_week_mean_to_sixty_hours(policies: Policies) -> None:
    agreed = WorkingTimeFacts(day=MONDAY, intervals=FIFTY_SIX_HOURS.intervals, cao_deviation=True)
    found = reason(policies, "R3", agreed)
    assert (found.outcome, found.limit) == (Outcome.PASS, 3600)


def test_no_work_breaks_no_rule(policies: Policies) -> None:
    assert check(facts(), policies).reasons == ()


def test_a_short_rest_is_allowed_once(policies: Policies) -> None:
    evening, early = work(MONDAY, "19:00", "22:00"), work(MONDAY + timedelta(days=1), "07:00", "12:00")
    found = reason(policies, "R5", facts(evening, early))
    assert (found.outcome, found.measured, found.limit) == (Outcome.PASS, 540, 480)


@pytest.mark.parametrize(("extra", "allowed"), [(0, False), (1, True)], ids=["in 168 hours", "a minute later"])
def test_no_seven_days_hold_two_short_rests(policies: Policies, extra: int, allowed: bool) -> None:  # noqa: FBT001 - a column of the table
    # Nine hours of rest from hour 3 to 12, and again up to hour 171, which is 168 hours after the first began.
    hour, later = 60, 162 * 60 + extra
    first = [Shift(0, 3 * hour), Shift(12 * hour, 17 * hour)]
    second = [Shift(later - 3 * hour, later), Shift(later + 9 * hour, later + 14 * hour)]
    rests = daily([*first, *second], policies.on("working_time.R5", MONDAY).value)
    assert [rest.measured for rest in rests] == [540, 1140, 540, 1140]
    assert [rest.short for rest in rests] == [False, False, not allowed, False]


def test_exactly_eleven_hours_are_a_full_rest_and_the_first_such_gap_is_the_one(policies: Policies) -> None:
    rests = daily([Shift(0, 60), Shift(720, 750)], policies.on("working_time.R5", MONDAY).value)
    assert [(rest.measured, rest.limit, rest.short) for rest in rests] == [(660, 660, False), (1410, 660, False)]


def test_of_two_rests_alike_the_first_counts_and_the_second_is_judged_too(policies: Policies) -> None:
    shifts = [Shift(0, 180), Shift(720, 900), Shift(1440, 1620)]
    rests = daily(shifts, policies.on("working_time.R5", MONDAY).value)
    assert [(rest.measured, rest.short) for rest in rests] == [(540, False), (540, True), (1260, False)]


def test_less_than_eight_hours_of_rest_is_never_allowed(policies: Policies) -> None:
    case = facts(work(MONDAY, "19:00", "23:01"), work(MONDAY + timedelta(days=1), "07:00", "12:00"))
    found = reason(policies, "R5", case)
    assert (found.outcome, found.measured, found.limit) == (Outcome.BLOCK, 479, 480)
    shorter = policies.with_value("working_time.R5", shortRestMinutes=479)
    assert reason(shorter, "R5", case).outcome is Outcome.PASS


def test_an_afternoon_lesson_after_a_morning_at_work_is_no_short_rest(policies: Policies) -> None:
    case = facts(work(MONDAY, "08:30", "12:00"), lesson(MONDAY, "14:00", "16:00"), work(days(2)[1], "08:30", "12:00"))
    assert reason(policies, "R5", case).outcome is Outcome.PASS


def test_working_round_the_clock_in_pieces_leaves_no_rest(policies: Policies) -> None:
    pieces = [("08:00", "12:00"), ("14:00", "18:00"), ("20:00", "23:59")]
    next_day = [("02:00", "06:00"), ("08:00", "12:00")]
    case = facts(
        *(work(MONDAY, begins, ends) for begins, ends in pieces),
        *(work(days(2)[1], begins, ends) for begins, ends in next_day),
    )
    found = reason(policies, "R5", case)
    assert (found.outcome, found.measured) == (Outcome.BLOCK, 121)


def test_more_than_a_day_of_work_has_no_rest_at_all(policies: Policies) -> None:
    endless = WorkInterval(
        starts_at=datetime(2026, 9, 7, 8, tzinfo=AMSTERDAM),
        ends_at=datetime(2026, 9, 8, 9, tzinfo=AMSTERDAM),
        employer="company",
    )
    found = reason(policies, "R5", facts(endless, work(date(2026, 9, 9), "08:00", "12:00")))
    assert (found.outcome, found.measured) == (Outcome.BLOCK, 0)


@pytest.mark.parametrize(
    ("begins", "outcome", "measured", "limit"),
    [("11:59", Outcome.WARN, 1200, 2160), ("12:00", Outcome.PASS, 4320, 4320)],
)
def test_three_days_off_in_a_fortnight_make_up_for_a_week_without_rest(
    policies: Policies, begins: str, outcome: Outcome, measured: int, limit: int
) -> None:
    ten_days_on = [work(day, "08:00", "12:00") for day in days(10, weekdays=range(1, 8))]
    back = [work(MONDAY + timedelta(days=offset), begins, "16:00") for offset in range(12, 16)]
    found = reason(policies, "R6", facts(*ten_days_on, *back))
    assert (found.outcome, found.measured, found.limit) == (outcome, measured, limit)


def test_the_rest_of_a_fortnight_may_be_split_into_parts_of_32_hours(policies: Policies) -> None:
    # Every fourth day is free, from 23:00 to 08:00 the day after: 33 h, and three times in each fortnight.
    hours = (("08:00", "12:00"), ("08:00", "12:00"), ("15:00", "23:00"))
    case = facts(
        *(
            work(MONDAY + timedelta(days=4 * period + offset), begins, ends)
            for period in range(5)
            for offset, (begins, ends) in enumerate(hours)
        )
    )
    found = reason(policies, "R6", case)
    assert (found.outcome, found.measured) == (Outcome.PASS, 3 * 33 * 60)
    just = policies.with_value("working_time.R6", minPartMinutes=33 * 60)
    assert reason(just, "R6", case).outcome is Outcome.PASS
    parts = policies.with_value("working_time.R6", minPartMinutes=33 * 60 + 1)
    assert reason(parts, "R6", case).outcome is Outcome.WARN


def test_secondment_replaces_the_companys_hours(policies: Policies) -> None:
    company = [work(day, "08:00", "16:00") for day in days(5)]
    seconded = work(MONDAY, "10:00", "12:00", "company", Form.SECONDMENT, "lent")
    assert reason(policies, "R2", facts(*company, seconded)).measured == 2400


def test_dual_employment_adds_its_hours(policies: Policies) -> None:
    company = [work(day, "08:00", "16:00") for day in days(5)]
    assert reason(policies, "R2", facts(*company, lesson(MONDAY, "10:00", "12:00"))).measured == 2520


def test_two_schools_at_the_same_time_both_count(policies: Policies) -> None:
    case = facts(lesson(MONDAY, "10:00", "12:00", "north"), lesson(MONDAY, "11:00", "13:00", "south"))
    assert reason(policies, "R2", case).measured == 240
    assert reason(policies, "R1", case).measured == 180
    involved = next(finding for finding in findings(case, policies) if finding.reason.rule == "R1").contract_ids
    assert involved == {"contract of north", "contract of south"}


def test_only_contracts_with_work_in_the_period_are_involved(policies: Policies) -> None:
    case = facts(
        work(MONDAY, "07:00", "15:00"),
        lesson(MONDAY, "15:30", "19:30", "north"),
        lesson(MONDAY + timedelta(days=2), "10:00", "12:00", "south"),
    )
    found = {finding.reason.rule: finding for finding in findings(case, policies)}
    assert found["R1"].reason.outcome is Outcome.BLOCK
    assert found["R1"].contract_ids == {"contract of north"}
    assert found["R2"].contract_ids == {"contract of north", "contract of south"}


def test_work_that_ends_or_begins_at_the_weeks_edge_is_not_in_it(policies: Policies) -> None:
    before = lesson(MONDAY - timedelta(days=1), "22:00", "00:00", "before")
    after = lesson(MONDAY + timedelta(days=7), "00:00", "02:00", "after")
    case = facts(before, lesson(MONDAY, "08:00", "16:00", "within"), after)
    found = {finding.reason.rule: finding for finding in findings(case, policies)}
    assert found["R2"].reason.period == "2026-W37"
    assert found["R2"].contract_ids == {"contract of within"}


def test_self_employed_hours_only_advise(policies: Policies) -> None:
    evening = work(MONDAY, "17:30", "21:00", "self", Form.SELF_EMPLOYED, "assignment")
    case = facts(work(MONDAY, "08:30", "17:00"), evening)
    verdict = check(case, policies)
    assert verdict.ok
    assert [(reason.outcome, reason.measured) for reason in verdict.reasons if reason.rule == "R1"] == [
        (Outcome.PASS, 510),
        (Outcome.WARN, 750),
    ]
    assert findings(case, policies)[-1].contract_ids == {"assignment"}
    counted = policies.with_value("working_time.counting", advisoryForms=[])
    assert not check(case, counted).ok


def test_a_rule_broken_without_self_employment_is_not_named_twice(policies: Policies) -> None:
    case = facts(*LONG_SHIFT.intervals, work(MONDAY, "20:00", "21:00", "self", Form.SELF_EMPLOYED))
    assert [reason.outcome for reason in check(case, policies).reasons if reason.rule == "R1"] == [Outcome.BLOCK]


def test_declared_hours_stand_for_a_roster_that_is_not_known(policies: Policies) -> None:
    case = facts(lesson(MONDAY, "10:00", "12:00"), declared=(declared(2400),))
    assert reason(policies, "R2", case).measured == 2520
    assert reason(policies, "R1", case).measured == 510


def test_secondment_is_done_in_the_declared_hours(policies: Policies) -> None:
    evening = work(MONDAY, "19:00", "22:00", "company", Form.SECONDMENT)
    assert reason(policies, "R2", facts(evening, declared=(declared(2400),))).measured == 2400
    assert reason(policies, "R2", facts(evening, declared=(declared(60),))).measured == 180


def test_an_evening_course_meets_the_declared_morning(policies: Policies) -> None:
    courses = [lesson(day, "19:00", "22:00") for day in days(2)]
    found = reason(policies, "R5", facts(*courses, declared=(declared(2400),)))
    assert (found.outcome, found.measured, found.limit) == (Outcome.BLOCK, 630, 660)


def test_no_roster_is_judged_by_an_unknown_policy() -> None:
    with pytest.raises(MissingDependency, match=r"working_time\.R1"):
        check(facts(), Policies())
