"""Assignments and hour lines go where their tables say; hours lie in the work, and corrections keep sums right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.decision import Outcome, Reason, Verdict
from contracts.assignment.model.assignment import Assignment
from contracts.hour_line.model import hour_line as h
from contracts.hour_line.model.cap import cap_verdict
from contracts.hour_line.model.hour_line import HourLine, Minutes
from events import Event
from events.contracts import HoursApproved, HoursReversed
from events.words import TeachingRole
from rules.guest_cap import PilotOverride, TaughtLine
from tests.unit.contracts.contract_examples import (
    BOARD,
    ENDS_ON,
    POLICIES,
    STARTS_ON,
    assignment,
    contract,
    line,
    minutes,
)
from tests.unit.contracts.life_cycles import GOOD


def test_a_day_counts_from_the_first_to_the_last_and_not_while_the_work_stands_still() -> None:
    one = assignment()
    assert (one.case, one.ground) == (one.vacancy_id, "GUEST")
    assert Assignment.plan(UUID(int=1), contract(), STARTS_ON).ground is None
    assert not one.covers(STARTS_ON - timedelta(days=1))
    assert one.covers(STARTS_ON)
    still, _ = one.interrupt(STARTS_ON + timedelta(days=7))
    assert (still.covers(STARTS_ON + timedelta(days=6)), still.covers(STARTS_ON + timedelta(days=7))) == (True, False)
    over, _ = one.end(ENDS_ON, early=False)
    assert (over.covers(ENDS_ON), over.covers(ENDS_ON + timedelta(days=1))) == (True, False)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=12))
def test_a_day_without_lessons_stays_one_whatever_was_resumed_later(moves: list[tuple[int, bool]]) -> None:
    one, on, stopped, still = assignment(), STARTS_ON, set[int](), False
    for days, stop in moves:
        if still:
            stopped |= {(on - STARTS_ON).days + day for day in range(days)}
        on += timedelta(days=days)
        one, still = (one.interrupt(on) if stop else one.resume(on))[0], stop
    first = (on - STARTS_ON).days
    stopped |= set(range(first, first + 3)) if still else set()
    assert {day for day in range(first + 3) if not one.covers(STARTS_ON + timedelta(days=day))} == stopped
    assert (one.interrupted_on is not None) == still


@pytest.mark.parametrize(
    ("worked", "refusal"),
    [
        (minutes(on=STARTS_ON + timedelta(days=1)), h.NotWorkedYet),
        (minutes(on=STARTS_ON - timedelta(days=1)), h.OutsideAssignment),
        (minutes(contact=0, preparation=0), h.NotADay),
        (minutes(contact=1000, preparation=400, travel=41), h.NotADay),
    ],
)
def test_hours_that_cannot_be_are_refused(worked: Minutes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        worked.check(assignment(), STARTS_ON)


def test_a_whole_day_is_possible() -> None:
    minutes(contact=1000, preparation=400, travel=40).check(assignment(), STARTS_ON)


def test_hours_above_the_cap_are_not_approved() -> None:
    above = Verdict(
        policy_version=7,
        reasons=(
            Reason(rule="GUEST_CAP", outcome=Outcome.PASS),
            Reason(rule="GUEST_CAP", outcome=Outcome.BLOCK, measured=14401, limit=14400, unit="minutes/school year"),
        ),
    )
    with pytest.raises(h.HoursAboveCap, match="taught 14401 of at most 14400 minutes/school year as a guest"):
        line(status=h.SUBMITTED).approve(above)


@given(
    st.lists(
        st.tuples(st.integers(1, 600), st.integers(0, 300), st.integers(0, 120), st.booleans()), min_size=1, max_size=20
    )
)
def test_reversals_keep_sums_right(days: list[tuple[int, int, int, bool]]) -> None:
    told: list[Event] = []
    for number, (contact, preparation, travel, back) in enumerate(days):
        worked = minutes(contact=contact, preparation=preparation, travel=travel)
        submitted, _ = HourLine.of(UUID(int=number), assignment(), worked).submit(GOOD)
        approved, events = submitted.approve(GOOD)
        told += events
        if back:
            reversal, events = approved.reverse(UUID(int=1000 + number))
            assert (reversal.status, reversal.reverses, reversal.version) == (h.APPROVED, approved.id, 0)
            told += events
            with pytest.raises(h.NotReversible, match="a correction"):
                reversal.reverse(UUID(int=1))
    lines = [event for event in told if isinstance(event, HoursApproved | HoursReversed)]
    kept = [day for day in days if not day[3]]
    assert sum(event.contact_minutes for event in lines) == sum(day[0] for day in kept)
    assert sum(event.preparation_minutes for event in lines) == sum(day[1] for day in kept)
    assert sum(event.travel_minutes for event in lines) == sum(day[2] for day in kept)


def test_only_what_counts_is_taken_back() -> None:
    with pytest.raises(h.NotReversible, match="submitted"):
        line(status=h.SUBMITTED).reverse(UUID(int=1))
    assert line().case == line().vacancy_id


FULL = (TaughtLine(day=STARTS_ON, minutes=14_300, board=str(BOARD)),)


@pytest.mark.parametrize(("contact", "ok"), [(100, True), (101, False)])
def test_the_cap_is_what_the_law_says_and_not_a_minute_more(contact: int, ok: bool) -> None:  # noqa: FBT001 - an example
    assert cap_verdict(line(contact_minutes=contact), "GUEST", FULL, None, POLICIES).ok is ok


def test_another_board_another_role_and_a_pilot_have_room() -> None:
    elsewhere = (replace(FULL[0], board="another"),)
    assert cap_verdict(line(contact_minutes=200), "GUEST", elsewhere, None, POLICIES).ok
    support = line(role=TeachingRole.SUPPORT, contact_minutes=200)
    assert cap_verdict(support, "SUPPORT", FULL, None, POLICIES).reasons == ()
    pilot = PilotOverride(reason="8 hours", owner="programme", starts_on=STARTS_ON, ends_on=ENDS_ON)
    lifted = cap_verdict(line(contact_minutes=200), "GUEST", FULL, pilot, POLICIES)
    assert lifted.ok
    assert {reason.rule for reason in lifted.reasons} == {"GUEST_CAP", "PILOT_OVERRIDE"}
