"""What one person hands in for one day, over all assignments: bounded, and remarked on for whoever approves it."""

from __future__ import annotations

import asyncio
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.contract.model.contract import Contract
from contracts.hour_line import usecases as hour_usecases
from contracts.hour_line.model import hour_line
from contracts.hour_line.model.hour_line import DayIsFull, Minutes
from events.contracts import HoursApproved
from events.words import Slot
from tests.integration.contracts.contracts_at_work import Contracts, profile
from tests.support.asking import BOARD, COMPANY, STARTS_ON, TUESDAY, vacancy

DAY = date(2027, 2, 2)
WEDNESDAY = Slot(day=3, starts=time(8, 30), ends=time(12))
SCHOOL_SIDE: dict[str, Any] = {"role": "school", "org": BOARD}
EMPLOYER: dict[str, Any] = {"role": "company", "org": COMPANY}


def _person(contract: Contract) -> dict[str, Any]:
    return {"role": "trainer", "trainer": str(contract.trainer_id)}


async def _hours_path(office: Contracts, contract: Contract) -> str:
    return f"/assignments/{(await office.assignment(contract.id)).id}/hours"


async def _two_at_work(office: Contracts) -> tuple[Contract, Contract]:
    """One person at work under two contracts, ten days after both began."""
    offered = profile(availability=[TUESDAY, WEDNESDAY])
    first = await office.at_work(await office.drafted(vacancy(), offered))
    office.rewind()
    asked = vacancy(roster=[WEDNESDAY], minutes_per_week=60, preparation_minutes_per_week=0)
    second = await office.at_work(await office.drafted(asked, offered))
    await office.until(STARTS_ON + timedelta(days=10))
    return first, second


def _rules(line: dict[str, Any]) -> dict[str, str]:
    return {finding["rule"]: finding["outcome"] for finding in line["findings"] if finding["rule"].startswith("HOURS")}


async def test_a_day_of_one_person_has_no_more_minutes_than_a_day_over_all_assignments(office: Contracts) -> None:
    first, second = await _two_at_work(office)
    one, other = await _hours_path(office, first), await _hours_path(office, second)
    body = {"workedOn": DAY.isoformat(), "contactMinutes": 1440}
    whole = await office.ask("POST", one, body, status=201, **_person(first))
    assert _rules(whole)["HOURS_DAY"] == "review"
    for path, more in ((one, 1440), (other, 1440), (other, 1)):
        problem = await office.ask("POST", path, {**body, "contactMinutes": more}, status=422, **_person(first))
        assert problem["type"].endswith("/day-is-full")
        assert problem["facts"] == {"workedOn": DAY.isoformat(), "limit": 1440}  # not what was worked elsewhere
    await office.ask("POST", f"/hours/{whole['id']}/_approve", **SCHOOL_SIDE)
    assert sum(event.contact_minutes for event in await office.told(HoursApproved)) == 1440
    await office.ask("POST", f"/hours/{whole['id']}/_reverse", status=201, **SCHOOL_SIDE)
    await office.ask("POST", other, body, status=201, **_person(first))


async def test_minutes_that_are_corrected_fit_into_the_day_as_well(office: Contracts) -> None:
    first, second = await _two_at_work(office)
    line = await office.hand_in(first, DAY, 60)
    async with office.database.begin(actor="test") as tx:
        await hour_usecases.reject(tx, line.id, "wrong_minutes")
    await office.hand_in(second, DAY, 1000)
    more = Minutes(worked_on=DAY, contact_minutes=441, preparation_minutes=0, travel_minutes=0)
    async with office.database.begin(actor="test") as tx:
        with pytest.raises(DayIsFull):
            await hour_usecases.revise(tx, line.id, more)


async def test_two_who_hand_in_at_the_same_time_do_not_fill_a_day_twice(office: Contracts) -> None:
    first, second = await _two_at_work(office)
    handed_in = await asyncio.gather(
        *(office.hand_in(contract, DAY, 800) for contract in (first, second)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in handed_in) == ["DayIsFull", "HourLine"]
    assert sum(line.contact_minutes for line in await office.lines()) == 800


async def test_the_same_hours_of_two_parties_are_remarked_on_for_the_school(office: Contracts) -> None:
    first, second = await _two_at_work(office)
    body = {"workedOn": DAY.isoformat(), "contactMinutes": 120, "preparationMinutes": 30}
    path, elsewhere = await _hours_path(office, first), await _hours_path(office, second)
    once = await office.ask("POST", path, body, status=201, **_person(first))
    assert once["findings"] == []
    for where, who in ((path, EMPLOYER), (elsewhere, SCHOOL_SIDE)):
        again = await office.ask("POST", where, body, status=201, **who)
        assert _rules(again)["HOURS_REPEATED"] == "review"
        shown = await office.ask("GET", f"/hours/{again['id']}", **SCHOOL_SIDE)
        assert shown["findings"] == again["findings"]
    approved = await office.ask("POST", f"/hours/{once['id']}/_approve", **SCHOOL_SIDE)
    assert _rules(approved)["HOURS_REPEATED"] == "review"  # the others came after it was handed in
    assert {line.status for line in await office.lines() if line.id != UUID(once["id"])} == {hour_line.SUBMITTED}


@pytest.mark.parametrize(
    ("day", "worked", "rules"),
    [
        (DAY, {"contactMinutes": 120}, set()),
        (DAY, {"contactMinutes": 211}, {"HOURS_PLANNED"}),  # the roster has 210
        (date(2027, 2, 3), {"contactMinutes": 60}, {"HOURS_PLANNED"}),
        (date(2027, 2, 3), {"contactMinutes": 0, "travelMinutes": 60}, {"HOURS_PLANNED"}),
        (date(2027, 2, 3), {"contactMinutes": 0, "preparationMinutes": 60}, set()),
        (date(2027, 3, 29), {"contactMinutes": 60}, {"HOURS_HOLIDAY", "HOURS_PLANNED"}),  # Easter Monday
        (date(2027, 4, 27), {"contactMinutes": 60}, {"HOURS_HOLIDAY"}),  # a Tuesday
    ],
)
async def test_hours_that_fit_no_planned_lesson_are_remarked_on(
    office: Contracts, day: date, worked: dict[str, int], rules: set[str]
) -> None:
    contract = await office.at_work()
    await office.until(date(2027, 5, 3))
    body = {"workedOn": day.isoformat(), **worked}
    path = await _hours_path(office, contract)
    line = await office.ask("POST", path, body, status=201, **_person(contract))
    assert _rules(line) == dict.fromkeys(rules, "review")
    approved = await office.ask("POST", f"/hours/{line['id']}/_approve", **SCHOOL_SIDE)
    assert _rules(approved) == dict.fromkeys(rules, "review")
