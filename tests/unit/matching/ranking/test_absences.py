"""Who is away on days with lessons: over the real calendar of an opening, and never for a day that has none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from common.decision import Outcome, Reason
from common.errors import Invalid
from common.policy import Policies
from matching.profile.model.absence import Absence, AbsenceColumns, merged
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.profile.model.week import Week
from matching.ranking.model import replay
from matching.ranking.model.assessment import Assessment
from matching.ranking.model.capacity import Capacity, usable_minutes
from matching.ranking.model.changes import Pair, ways_in, ways_up
from matching.ranking.model.screening import HardRule
from matching.vacancy.model.calendar import Calendar
from matching.vacancy.model.opening import Opening
from rules.school_year import SchoolYear
from tests.unit.matching.ranking.ranking_examples import (
    ABSENCES,
    OPENINGS,
    POLICIES,
    PROFILES,
    TODAY,
    WEEKS,
    criteria,
    opening,
    ranked,
    trainer,
)

TEN_WEEKS = opening(starts_on=date(2027, 5, 10), ends_on=date(2027, 7, 16), months=None, region="AM13")
"""Ten Tuesdays without a holiday."""
AROUND_SPRING = opening(starts_on=date(2027, 2, 1), ends_on=date(2027, 3, 7), months=None, region="AM13")
"""Five Tuesdays, of which zuid is free on the third, and noord and midden on the fourth."""
WHOLE_DAYS = Week.of([(weekday, 510, 1020) for weekday in (1, 2, 3, 4, 5)])
YEAR = SchoolYear.of(POLICIES, TODAY)


def away(first: date, last: date) -> Absence:
    return Absence(first_day=first, last_day=last)


def weeks(first: date, many: int) -> Absence:
    return away(first, first + timedelta(days=7 * many - 1))


def rule(place: Opening, person: Profile) -> HardRule:
    return HardRule(int(ranked(place, person).failed[0]))


def minutes(place: Opening, person: Profile) -> int:
    """The usable minutes, the same from the columns as of one person."""
    judged = criteria(place)
    alone = Capacity(place, judged).minutes(person)
    assert usable_minutes(place, Pool([person]).columns, 1, judged).minutes.tolist() == [alone]
    return alone


def reason(place: Opening, person: Profile) -> Reason | None:
    found: Assessment = ranked(place, person).explain(person.trainer_id)
    return next((each for each in found.verdict.reasons if each.rule == "ABSENCES"), None)


# -- the rule -----------------------------------------------------------------------------------------------------


def test_a_trainer_away_for_three_of_ten_weeks_does_not_fit_and_the_reason_says_how_much() -> None:
    person = trainer(absences=(weeks(date(2027, 5, 31), 3),))
    assert rule(TEN_WEEKS, person) == HardRule.ABSENCES
    assert minutes(TEN_WEEKS, person) == 147
    found = reason(TEN_WEEKS, person)
    assert found is not None
    assert (found.outcome, found.measured, found.limit, found.unit) == (Outcome.BLOCK, 70, 80, "%")


def test_a_trainer_away_for_two_of_ten_weeks_fits_and_scores_less() -> None:
    person = trainer(absences=(weeks(date(2027, 5, 31), 2),))
    assert rule(TEN_WEEKS, person) == HardRule(0)
    found = reason(TEN_WEEKS, person)
    assert found is not None
    assert (found.outcome, found.measured, found.limit) == (Outcome.PASS, 80, 80)
    alone, there = (ranked(TEN_WEEKS, each).shortlist[0] for each in (person, trainer()))
    assert (alone.total < there.total, alone.minutes, there.minutes) == (True, 168, 210)


@pytest.mark.parametrize(
    ("region", "municipality", "usable"),
    [("AM13", None, 210), ("AM01", None, 210), ("AM07", None, 157), ("AM07", "Wageningen", 210), (None, None, 168)],
)
def test_an_absence_in_the_holiday_of_the_place_costs_nothing(
    region: str | None, municipality: str | None, usable: int
) -> None:
    """The fourth week: free in noord and midden, one of four with lessons in zuid, one of five where nobody knows."""
    place = replace(AROUND_SPRING, region=region, municipality=municipality)
    assert minutes(place, trainer(absences=(weeks(date(2027, 2, 22), 1),))) == usable


def test_a_day_on_which_the_school_gives_no_lessons_costs_nothing() -> None:
    person = trainer(absences=(away(date(2027, 2, 9), date(2027, 2, 9)),))
    assert minutes(AROUND_SPRING, person) == 157
    without = replace(AROUND_SPRING, days_without_lessons=(date(2027, 2, 9), date(2027, 12, 9)))
    assert minutes(without, person) == 210


def test_a_public_holiday_is_no_day_with_lessons() -> None:
    mondays = replace(TEN_WEEKS, roster=Week.of([(1, 510, 720)]))
    person = trainer(availability=WHOLE_DAYS, absences=(away(date(2027, 5, 17), date(2027, 5, 17)),))
    assert minutes(mondays, person) == 210
    assert minutes(TEN_WEEKS, replace(person, absences=(away(date(2027, 5, 18), date(2027, 5, 18)),))) == 189


def test_only_days_count_on_which_both_sides_can() -> None:
    """The roster is of Tuesday and Thursday, the trainer can on Tuesday: away on each Thursday costs nothing."""
    place = replace(TEN_WEEKS, roster=Week.of([(2, 510, 720), (4, 510, 720)]))
    thursdays = tuple(away(day, day) for day in (date(2027, 5, 13) + timedelta(days=7 * each) for each in range(10)))
    assert minutes(place, trainer(absences=thursdays)) == 210
    both = replace(place, minutes_per_week=420)
    assert minutes(both, trainer(availability=WHOLE_DAYS, absences=thursdays)) == 210


def test_by_agreement_the_days_are_those_that_the_trainer_offers() -> None:
    place = replace(TEN_WEEKS, roster=None)
    assert minutes(place, trainer(absences=(away(date(2027, 5, 12), date(2027, 5, 14)),))) == 210
    assert minutes(place, trainer(absences=(away(date(2027, 5, 11), date(2027, 5, 11)),))) == 189


def test_where_the_whole_period_is_free_nobody_misses_anything() -> None:
    place = replace(TEN_WEEKS, starts_on=date(2027, 4, 26), ends_on=date(2027, 4, 30))
    assert minutes(place, trainer(absences=(weeks(date(2027, 4, 26), 1),))) == 210


def test_a_trainer_who_cannot_in_any_week_fails_by_the_roster_and_not_by_absence() -> None:
    person = trainer(availability=Week.of([(5, 510, 720)]), absences=(weeks(date(2027, 5, 10), 10),))
    assert rule(TEN_WEEKS, person) == HardRule.ROSTER_OVERLAP
    found = reason(TEN_WEEKS, person)
    assert found is not None
    assert (found.outcome, found.measured, found.limit) == (Outcome.PASS, 100, 100)


def test_too_few_hours_and_too_many_absences_are_two_rules() -> None:
    person = trainer(availability=Week.of([(2, 510, 630)]), absences=(weeks(date(2027, 5, 10), 1),))
    assert rule(TEN_WEEKS, person) == HardRule.ROSTER_OVERLAP | HardRule.ABSENCES


def test_a_trainer_without_absences_has_no_reason_about_them() -> None:
    """What was stored before there were any is the same to the byte when it is made again."""
    assert reason(TEN_WEEKS, trainer()) is None


def test_a_ranking_under_rules_of_before_knows_no_holidays() -> None:
    before = Policies({code: rows for code, rows in POLICIES.rows.items() if code[:7] != "school."}, POLICIES.version)
    snapshot = replay.Snapshot.of(TEN_WEEKS, Pool([trainer()]), before, TODAY)
    today = replay.Snapshot.of(TEN_WEEKS, Pool([trainer()]), POLICIES, TODAY)
    assert replay.outcome(snapshot.replay()) == replay.outcome(today.replay())


def test_a_ranking_with_absences_is_repeated_to_the_byte() -> None:
    people = [trainer(number, absences=(weeks(date(2027, 5, 10), number),)) for number in (1, 2, 3)]
    made = ranked(TEN_WEEKS, *people)
    again = replay.Snapshot.parse(replay.Snapshot.of(TEN_WEEKS, Pool(people), POLICIES, TODAY).encode()).replay()
    assert replay.outcome(again) == replay.outcome(made)
    assert made.failed.tolist() == [0, 0, HardRule.ABSENCES]


# -- what would help ----------------------------------------------------------------------------------------------


def ways(place: Opening, person: Profile) -> list[list[tuple[str, str, object, object]]]:
    pair = Pair(opening=place, profile=person, policies=POLICIES, day=TODAY)
    return [
        [(hint.by.value, hint.change, hint.needed, hint.current) for hint in way.hints]
        for way in ways_in(pair, at_most=3)
    ]


def test_the_trainer_is_there_more_often_and_no_hint_names_the_days() -> None:
    assert ways(TEN_WEEKS, trainer(absences=(weeks(date(2027, 5, 31), 3),))) == [[("trainer", "be-there", 80, 70)]]


def test_as_few_absences_as_it_takes_fall_away() -> None:
    short, long = weeks(date(2027, 5, 31), 1), weeks(date(2027, 6, 14), 2)
    pair = Pair(opening=TEN_WEEKS, profile=trainer(absences=(short, long)), policies=POLICIES, day=TODAY)
    (way,) = ways_in(pair, at_most=3)
    assert way.applied(pair).profile.absences == (short,)


def test_the_lessons_begin_on_the_monday_after_an_absence_at_the_start() -> None:
    person = trainer(absences=(away(date(2027, 4, 1), date(2027, 5, 28)),))
    assert ways(TEN_WEEKS, person) == [
        [("trainer", "be-there", 80, 70)],
        [("school", "start-later", "2027-05-31", "2027-05-10")],
    ]
    last = away(date(2027, 7, 19), date(2027, 7, 30))
    assert ways(TEN_WEEKS, replace(person, absences=(*person.absences, last))) == ways(TEN_WEEKS, person)


def test_where_somebody_is_away_until_the_end_the_start_does_not_help() -> None:
    person = trainer(absences=(away(date(2027, 5, 1), date(2027, 9, 30)),))
    assert [change for way in ways(TEN_WEEKS, person) for _, change, *_ in way] == ["be-there"]


def test_a_trainer_who_fits_comes_before_another_by_being_there_always() -> None:
    place = replace(TEN_WEEKS, months=6)
    pair = Pair(opening=place, profile=trainer(absences=(weeks(date(2027, 5, 31), 1),)), policies=POLICIES, day=TODAY)
    found = ways_up(pair, above=pair.total(), at_most=3)
    assert "be-there" in {hint.change for way in found for hint in way.hints}


# -- absences and the calendar ------------------------------------------------------------------------------------


def test_an_absence_does_not_end_before_it_begins() -> None:
    with pytest.raises(Invalid, match="must not be before the start"):
        away(date(2027, 5, 2), date(2027, 5, 1))


def test_days_that_two_absences_have_count_once() -> None:
    first, second = date(2027, 5, 10), date(2027, 5, 20)
    assert merged([away(second, second), away(first, first), away(first, second - timedelta(days=1))]) == (
        away(first, second),
    )
    apart = (away(first, first), away(second, second))
    assert merged(reversed(apart)) == apart
    assert merged([away(first, second), away(first, first)]) == (away(first, second),)


def test_absences_move_with_their_row_and_leave_none_behind() -> None:
    columns, first = AbsenceColumns(), date(2027, 5, 10)
    columns.put(0, [])
    columns.put(1, [away(first, first)])
    assert columns.within(2, first, first).tolist() == [[1], [first.toordinal()], [first.toordinal()]]
    assert columns.within(1, first, first).size == 0, "beyond the pool's size"
    columns.move(1, 0)
    assert columns.within(2, first, first)[0].tolist() == [0]
    columns.move(1, 0)
    assert columns.within(2, first, first).size == 0
    later = first + timedelta(days=1)
    columns.put(1, [away(first, first)])
    assert columns.within(2, later, later).size == 0, "outside the period"


@given(OPENINGS)
def test_a_calendar_never_counts_a_holiday(place: Opening) -> None:
    judged = criteria(place)
    calendar = Calendar.of(place, judged.begins, YEAR)
    region = YEAR.region_of(place.municipality, place.region)
    last = place.last_day(judged.begins)
    free = YEAR.free_days(judged.begins, last, region) | {
        day for day in place.days_without_lessons if judged.begins <= day <= last
    }
    day = judged.begins
    while day <= last:
        week, weekday = divmod(day.toordinal() - calendar.monday, 7)
        assert bool(calendar.weeks[week] >> weekday & 1) == (day not in free)
        day += timedelta(days=1)
    assert np.bitwise_count(calendar.weeks).sum() == (last - judged.begins).days + 1 - len(free)


@given(OPENINGS, PROFILES, ABSENCES)
def test_fewer_absences_never_leave_less(place: Opening, person: Profile, absences: tuple[Absence, ...]) -> None:
    assume(absences)
    person = replace(person, absences=absences)
    assert minutes(place, person) <= minutes(place, replace(person, absences=absences[1:]))


@given(OPENINGS, PROFILES)
def test_an_absence_within_holidays_changes_nothing(place: Opening, person: Profile) -> None:
    person = replace(person, absences=(away(date(2026, 12, 19), date(2027, 1, 3)),))
    assert minutes(place, person) == minutes(place, replace(person, absences=()))


@given(PROFILES, WEEKS, ABSENCES, WEEKS.filter(lambda week: week.minutes > 0), st.sampled_from([60, 210, 900]))
def test_more_hours_never_leave_less(
    person: Profile, more: Week, absences: tuple[Absence, ...], roster: Week, asked: int
) -> None:
    """In weeks without holidays: a week that a holiday shortens is weighed by what it still has for this person."""
    place = replace(TEN_WEEKS, starts_on=date(2027, 5, 24), ends_on=date(2027, 7, 11))
    place = replace(place, roster=roster, minutes_per_week=asked)
    alone = replace(person, engagements=(), absences=absences)
    wider = replace(alone, availability=Week((*alone.availability.slots, *more.slots)))
    assert minutes(place, alone) <= minutes(place, wider)


def test_a_day_that_a_trainer_also_offers_and_is_away_on_costs_nothing() -> None:
    """One of both days is enough: away on every Thursday costs nothing as long as there is the Tuesday."""
    place = replace(TEN_WEEKS, roster=Week.of([(2, 510, 720), (4, 510, 720)]))
    thursdays = tuple(away(day, day) for day in (date(2027, 5, 13) + timedelta(days=7 * each) for each in range(10)))
    assert minutes(place, trainer(availability=WHOLE_DAYS, absences=thursdays)) == 210
    assert minutes(place, trainer(availability=WHOLE_DAYS, absences=(weeks(date(2027, 5, 31), 1),))) == 189
