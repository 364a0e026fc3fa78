"""What a school asks, until every place is taken and every contract over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from common.errors import Invalid
from events.registry import (
    VacancyChanged,
    VacancyClosed,
    VacancyDrafted,
    VacancyExpired,
    VacancyFilled,
    VacancyPosted,
    VacancyReopened,
    VacancyWithdrawn,
)
from events.words import Fee, FeeBasis, FeeKind, Form, SchoolType, Slot, TeachingRole
from registry.vacancy.model import vacancy as v
from registry.vacancy.model.terms import check
from registry.vacancy.model.vacancy import Status, Vacancy
from tests.unit.registry.registry_examples import POLICIES, SCHOOL, SITE, TERMS, TODAY, VACANCY, vacancy


def test_a_draft_asks_nobody_and_publishing_asks_what_it_says() -> None:
    drafted, events = Vacancy.draft(VACANCY, SITE, TERMS)
    assert [type(event) for event in events] == [VacancyDrafted]
    assert (drafted.case, drafted.terms) == (VACANCY, TERMS)
    posted, events = drafted.publish(TODAY)
    told = events[0]
    assert isinstance(told, VacancyPosted)
    assert (told.school_id, told.region, told.roster, told.fee) == (SCHOOL, "AM01", list(TERMS.roster or ()), TERMS.fee)
    assert Vacancy.post(VACANCY, SITE, TERMS, today=TODAY) == (posted, events)


def test_no_vacancy_starts_in_the_past() -> None:
    with pytest.raises(v.StartsInThePast, match="2026-10-01"):
        Vacancy.post(VACANCY, SITE, TERMS, today=date(2026, 10, 2))
    assert Vacancy.post(VACANCY, SITE, TERMS, today=TERMS.starts_on)[0].status is v.OPEN


def test_a_vacancy_follows_its_location_until_it_is_over() -> None:
    moved = replace(SITE, region="AM28")
    for status, event in ((v.DRAFT, VacancyDrafted), (v.OPEN, VacancyChanged)):
        followed, events = vacancy(status).follow(moved)
        assert (followed.region, [type(one) for one in events]) == ("AM28", [event])
        assert vacancy(status).follow(SITE) == (vacancy(status), [])
    assert vacancy(v.CLOSED).follow(moved) == (vacancy(v.CLOSED), [])


def test_a_filled_vacancy_is_not_opened_by_asking() -> None:
    with pytest.raises(v.NotPossible):
        vacancy(v.FILLED).publish(TODAY)


def test_a_draft_changes_as_a_draft_and_an_open_one_in_public() -> None:
    other = replace(TERMS, minutes_per_week=120)
    for status, event in ((v.DRAFT, VacancyDrafted), (v.OPEN, VacancyChanged)):
        changed, events = vacancy(status).change(SITE, other, signed=0, today=TODAY)
        assert [type(one) for one in events] == [event]
        assert (changed.status, changed.minutes_per_week) == (status, 120)


@pytest.mark.parametrize("status", Status)
def test_the_same_again_is_no_change_in_any_state(status: Status) -> None:
    one = vacancy(status)
    assert one.change(SITE, TERMS, signed=9, today=TODAY) == (one, [])


@pytest.mark.parametrize("status", [v.FILLED, v.CLOSED, v.WITHDRAWN])
def test_agreed_terms_do_not_change_here(status: Status) -> None:
    with pytest.raises(v.NotChangeable, match=status.value):
        vacancy(status).change(SITE, replace(TERMS, places=5), signed=2, today=TODAY)


def test_places_do_not_go_below_what_is_signed_and_the_last_one_fills() -> None:
    three = vacancy(places=3)
    with pytest.raises(v.FewerPlacesThanSigned, match="2 places have a signed contract already"):
        three.change(SITE, replace(TERMS, places=1), signed=2, today=TODAY)
    filled, events = three.change(SITE, replace(TERMS, places=2), signed=2, today=TODAY)
    assert [type(event) for event in events] == [VacancyChanged, VacancyFilled]
    assert filled.status is v.FILLED


def test_a_start_moves_ahead_only() -> None:
    late = TERMS.starts_on + timedelta(days=10)
    with pytest.raises(v.StartsInThePast):
        vacancy().change(SITE, replace(TERMS, starts_on=TODAY - timedelta(days=1)), signed=0, today=TODAY)
    running, events = vacancy().change(SITE, replace(TERMS, group_size=20), signed=0, today=late)
    assert (running.status, [type(event) for event in events]) == (v.OPEN, [VacancyChanged])


def test_an_expired_vacancy_with_a_new_date_asks_again() -> None:
    much_later = date(2027, 2, 1)
    moved = replace(TERMS, starts_on=date(2027, 3, 1))
    again, events = vacancy(v.EXPIRED).change(SITE, moved, signed=0, today=much_later)
    assert again.status is v.OPEN
    assert [type(event) for event in events] == [VacancyChanged, VacancyReopened]
    same_date = replace(TERMS, group_size=20)
    still, events = vacancy(v.EXPIRED).change(SITE, same_date, signed=0, today=much_later)
    assert (still.status, [type(event) for event in events]) == (v.EXPIRED, [VacancyChanged])


def test_every_place_signed_is_filled_and_one_that_falls_away_is_free_again() -> None:
    one = vacancy()
    assert one.count(1) == (one, [])
    filled, events = one.count(2)
    assert events == [VacancyFilled(vacancy_id=VACANCY)]
    assert filled.count(2) == (filled, [])
    free, events = filled.count(1)
    assert (free.status, events) == (v.OPEN, [VacancyReopened(vacancy_id=VACANCY)])


def test_the_event_of_an_end_has_its_reason() -> None:
    assert vacancy(v.FILLED).close()[1] == [VacancyClosed(vacancy_id=VACANCY)]
    assert vacancy().expire()[1] == [VacancyExpired(vacancy_id=VACANCY)]
    withdrawn, events = vacancy().withdraw("filled_elsewhere")
    assert events == [VacancyWithdrawn(vacancy_id=VACANCY, reason="filled_elsewhere")]
    assert withdrawn.withdrawn_reason == "filled_elsewhere"


@pytest.mark.parametrize(
    ("changes", "where", "code"),
    [
        ({"subject": "alchemy"}, "subject", "unknown"),
        ({"school_type": SchoolType.MBO}, "schoolType", "not-taught-here"),
        ({"supervisor_id": None}, "supervisorId", "missing"),
        ({"ends_on": TERMS.starts_on - timedelta(days=1)}, "endsOn", "out-of-order"),
        ({"roster": (Slot(day=1, starts=time(9), ends=time(9)),)}, "roster.0", "empty"),
        ({"roster": (Slot(day=1, starts=time(9, 0, 30), ends=time(12)),)}, "roster.0", "whole-minutes"),
        ({"forms": ()}, "forms", "missing"),
        ({"forms": (Form.GUEST, Form.GUEST)}, "forms", "repeated"),
        ({"minutes_per_week": 241}, "roster", "too-short"),
        ({"roster": (Slot(day=1, starts=time(9), ends=time(12)),) * 2}, "roster", "overlap"),
        ({"fee": Fee(kind=FeeKind.NONE, cents=1)}, "fee.cents", "out-of-range"),
        ({"fee": Fee(kind=FeeKind.HOURLY, cents=0)}, "fee.cents", "out-of-range"),
        ({"fee": Fee(kind=FeeKind.HOURLY, cents=5000, basis=FeeBasis.MARKET)}, "fee.basis", "basis"),
        ({"fee": Fee(kind=FeeKind.COST, cents=5000)}, "fee.basis", "basis"),
        ({"fee": Fee(kind=FeeKind.SALARY, cents=3000)}, "fee.cents", "out-of-band"),
        ({"fee": Fee(kind=FeeKind.HOURLY, cents=500_000)}, "fee.cents", "out-of-band"),
    ],
)
def test_impossible_terms_are_refused_by_field(changes: dict[str, Any], where: str, code: str) -> None:
    faults = replace(TERMS, **changes).faults(SITE, {"pie"}, POLICIES)
    assert [(fault.name, fault.code) for fault in faults] == [(where, code)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"roster": None},
        {"role": TeachingRole.TEACHER, "supervisor_id": None},
        {"ends_on": None},
        {"ends_on": TERMS.starts_on},
        {"minutes_per_week": 240},
        {"fee": Fee(kind=FeeKind.COST, cents=5000, basis=FeeBasis.COST)},
        {"fee": Fee(kind=FeeKind.SALARY, cents=60_000)},
    ],
)
def test_possible_values_are_accepted(changes: dict[str, Any]) -> None:
    check(replace(TERMS, **changes), SITE, {"pie"}, POLICIES)


def test_a_school_whose_types_are_not_known_may_teach_anything() -> None:
    check(TERMS, replace(SITE, school_types=()), {"pie"}, POLICIES)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        check(replace(TERMS, subject="alchemy", forms=(), supervisor_id=None), SITE, {"pie"}, POLICIES)
    assert {param.name for param in refusal.value.params} == {"subject", "forms", "supervisorId"}


def test_days_without_lessons_lie_in_the_period_and_stand_there_once() -> None:
    first, last = TERMS.starts_on, TERMS.starts_on + timedelta(days=30)
    before, after = first - timedelta(days=1), last + timedelta(days=1)
    terms = replace(TERMS, ends_on=last, days_without_lessons=(before, first, last, last, after))
    with pytest.raises(Invalid) as refusal:
        check(terms, SITE, {"pie"}, POLICIES)
    assert [(param.name, param.code) for param in refusal.value.params] == [
        ("daysWithoutLessons.0", "out-of-range"),
        ("daysWithoutLessons.4", "out-of-range"),
        ("daysWithoutLessons", "repeated"),
    ]
    check(replace(terms, ends_on=None, days_without_lessons=(first, after)), SITE, {"pie"}, POLICIES)


def test_the_school_s_calendar_is_published_with_the_vacancy() -> None:
    asked = replace(TERMS, days_without_lessons=(TERMS.starts_on,))
    _, (posted,) = Vacancy.post(VACANCY, replace(SITE, municipality="Wageningen"), asked, today=TODAY)
    assert isinstance(posted, VacancyPosted)
    assert (posted.municipality, posted.days_without_lessons) == ("Wageningen", [TERMS.starts_on])
