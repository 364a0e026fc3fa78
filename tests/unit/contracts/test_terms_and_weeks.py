"""Terms that can be agreed on, and weeks in minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid
from contracts.contract.model import week
from contracts.contract.model.plain import camel_keys
from contracts.contract.model.terms import Terms
from contracts.legal_check.model import calendar
from events.words import Fee, FeeBasis, FeeKind, Form, Party, Slot
from tests.unit.contracts.contract_examples import POLICIES, TERMS, TUESDAY

slots = st.builds(
    lambda day, start, length: Slot(
        day=day,
        starts=time(start // 60, start % 60),
        ends=time((start + length) // 60 % 24, (start + length) % 60),
    ),
    st.integers(1, 7),
    st.integers(0, 1439),
    st.integers(1, 600),
)


@pytest.mark.parametrize(
    ("terms", "form", "faults"),
    [
        (TERMS, Form.GUEST, set()),
        (replace(TERMS, ends_on=None), Form.GUEST, set()),
        (replace(TERMS, roster=None), Form.GUEST, set()),
        (replace(TERMS, ends_on=TERMS.starts_on), Form.GUEST, set()),
        (replace(TERMS, roster=(Slot(day=1, starts=time(9), ends=time(9)),)), Form.GUEST, {"roster.0"}),
        (replace(TERMS, ends_on=date(2027, 1, 31)), Form.GUEST, {"endsOn"}),
        (replace(TERMS, minutes_per_week=0), Form.GUEST, {"minutesPerWeek"}),
        (replace(TERMS, minutes_per_week=211), Form.GUEST, {"roster"}),
        (replace(TERMS, preparation_minutes_per_week=10_000), Form.GUEST, {"preparationMinutesPerWeek"}),
        (replace(TERMS, roster=(TUESDAY, TUESDAY)), Form.GUEST, {"roster"}),
        (replace(TERMS, fee=Fee(kind=FeeKind.NONE, cents=1)), Form.GUEST, {"fee.cents"}),
        (replace(TERMS, fee=Fee(kind=FeeKind.HOURLY, cents=0)), Form.GUEST, {"fee.cents"}),
        (replace(TERMS, fee=Fee(kind=FeeKind.COST, cents=1)), Form.SECONDMENT, {"fee.basis"}),
        (
            replace(TERMS, fee=Fee(kind=FeeKind.HOURLY, cents=1, basis=FeeBasis.COST)),
            Form.SECONDMENT,
            {"fee.basis"},
        ),
        (replace(TERMS, fee=Fee(kind=FeeKind.COST, cents=1, basis=FeeBasis.COST)), Form.SECONDMENT, set()),
        (TERMS, Form.DUAL_EMPLOYMENT, {"payrollTaxCredit"}),
        (replace(TERMS, payroll_tax_credit=Party.TRAINER), Form.DUAL_EMPLOYMENT, {"payrollTaxCredit"}),
        (replace(TERMS, payroll_tax_credit=Party.SCHOOL), Form.DUAL_EMPLOYMENT, set()),
        (replace(TERMS, payroll_tax_credit=Party.SCHOOL), Form.GUEST, {"payrollTaxCredit"}),
        (replace(TERMS, salary_scale="LB", salary_step="4"), Form.GUEST, {"salaryScale", "salaryStep"}),
        (replace(TERMS, payroll_tax_credit=Party.SCHOOL, salary_step="4"), Form.DUAL_EMPLOYMENT, set()),
    ],
)
def test_terms_are_checked_with_every_fault_at_once(terms: Terms, form: Form, faults: set[str]) -> None:
    found: set[str] = set()
    try:
        terms.check(form)
    except Invalid as invalid:
        found = {param.name for param in invalid.params}
    assert found == faults


def test_a_slot_that_ends_no_later_than_it_starts_ends_next_day_also_from_sunday_to_monday() -> None:
    night = Slot(day=7, starts=time(23), ends=time(1))
    assert week.minutes([night]) == 120
    assert week.overlapping([night, Slot(day=1, starts=time(0, 30), ends=time(2))])
    assert not week.overlapping([night, Slot(day=1, starts=time(1), ends=time(2))])
    assert week.touches([night], [Slot(day=1, starts=time(0), ends=time(0, 1))])


@given(st.lists(slots, max_size=5), st.lists(slots, max_size=5), st.integers(0, 2000))
def test_agreed_time_lies_in_the_schools_week_and_first_in_the_overlap(
    asked: list[Slot], available: list[Slot], wanted: int
) -> None:
    found = week.agreed(asked, available, wanted)
    assert week.minutes(found) == min(wanted, week.minutes(asked))
    assert week.minutes([*found, *asked]) == week.minutes(asked)
    assert not week.overlapping(found)
    both = week.minutes(asked) + week.minutes(available) - week.minutes([*asked, *available])
    taken = week.minutes(found) + week.minutes(available) - week.minutes([*found, *available])
    assert taken == min(both, wanted)


def test_the_earliest_hours_that_suit_both_are_agreed_then_the_schools() -> None:
    asked = [TUESDAY, Slot(day=4, starts=time(13), ends=time(16))]
    available = [Slot(day=4, starts=time(14), ends=time(18))]
    assert week.agreed(asked, available, 150) == (
        Slot(day=2, starts=time(8, 30), ends=time(9)),
        Slot(day=4, starts=time(14), ends=time(16)),
    )


def test_work_without_an_end_is_judged_for_a_year() -> None:
    assert calendar.last_known_day(date(2027, 2, 1), None, date(2026, 11, 2)) == date(2028, 1, 31)
    assert calendar.last_known_day(date(2020, 2, 1), None, date(2026, 11, 2)) == date(2027, 11, 1)
    assert calendar.last_known_day(date(2020, 2, 1), date(2020, 3, 1), date(2026, 11, 2)) == date(2020, 3, 1)


def test_a_school_year_has_so_many_weeks_with_lessons_and_no_more() -> None:
    counting = POLICIES.on("qualification.counting", date(2027, 2, 1)).value
    assert calendar.teaching_weeks(date(2027, 2, 1), date(2027, 2, 7), counting) == 1
    assert calendar.teaching_weeks(date(2027, 2, 1), date(2027, 2, 8), counting) == 2
    assert calendar.teaching_weeks(date(2027, 2, 1), date(2028, 1, 31), counting) == 40
    assert calendar.teaching_weeks(date(2027, 2, 1), date(2027, 1, 1), counting) == 0


def test_json_is_shown_in_lower_camel_case_deep_inside() -> None:
    assert camel_keys({"a_b": [{"c_d": 1}], "e": None}) == {"aB": [{"cD": 1}], "e": None}
