"""Hours: in by whoever worked them, counted once approved, and taken back without breaking a sum."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from common.persistence.migrations import runner
from contracts.app import service
from contracts.assignment import usecases as assignment_usecases
from contracts.assignment.store import assignments
from contracts.contract.model.contract import Contract
from contracts.hour_line import usecases as hour_usecases
from contracts.hour_line.model import hour_line
from contracts.hour_line.model.hour_line import HoursAboveCap, Minutes, NotWorkedYet, OutsideAssignment
from contracts.override import usecases as override_usecases
from events.contracts import HoursApproved, HoursRejected, HoursReversed, HoursSubmitted
from tests.integration.contracts.contracts_at_work import Contracts
from tests.support.asking import BOARD, ENDS_ON, OTHER_BOARD, STARTS_ON, vacancy
from tests.support.at_work import database_at
from tests.support.postgres import FreshDatabase


async def test_hours_are_handed_in_and_approved(office: Contracts) -> None:
    contract = await office.at_work()
    line = await office.approve(await office.hand_in(contract, STARTS_ON, 120, 30))
    assert (line.status, line.policy_version) == (hour_line.APPROVED, 1)
    approved = (await office.told(HoursApproved))[0]
    assert (approved.contact_minutes, approved.preparation_minutes, approved.region) == (120, 30, "AM13")
    assert approved.trainer_id == contract.trainer_id
    assert (await office.approve(line)) == line


async def test_rejected_hours_are_corrected_and_handed_in_again(office: Contracts) -> None:
    contract = await office.at_work()
    line = await office.hand_in(contract, STARTS_ON, 120)
    async with office.database.begin(actor="test") as tx:
        await hour_usecases.reject(tx, line.id, "wrong_minutes")
    async with office.database.begin(actor="test") as tx:
        minutes = Minutes(worked_on=STARTS_ON, contact_minutes=90, preparation_minutes=0, travel_minutes=0)
        line = await hour_usecases.revise(tx, line.id, minutes)
    assert (line.status, line.contact_minutes, line.rejected_reason) == (hour_line.SUBMITTED, 90, None)
    assert [event.reason for event in await office.told(HoursRejected)] == ["wrong_minutes"]
    assert [event.contact_minutes for event in await office.told(HoursSubmitted)] == [120, 90]


async def test_hours_lie_within_the_work_and_in_the_past(office: Contracts) -> None:
    contract = await office.at_work()
    with pytest.raises(NotWorkedYet):
        await office.hand_in(contract, STARTS_ON + timedelta(days=1), 60)
    with pytest.raises(OutsideAssignment):
        await office.hand_in(contract, STARTS_ON - timedelta(days=1), 60)
    await office.until(ENDS_ON + timedelta(days=5))
    await office.hand_in(contract, ENDS_ON, 60)  # the last day, handed in after it
    with pytest.raises(OutsideAssignment):
        await office.hand_in(contract, ENDS_ON + timedelta(days=1), 60)


async def test_no_hours_while_the_work_stands_still(office: Contracts) -> None:
    contract = await office.at_work()
    await office.until(STARTS_ON + timedelta(days=7))
    async with office.database.begin(actor="test") as tx:
        await assignment_usecases.suspend(tx, contract.id, "absence")
    await office.hand_in(contract, STARTS_ON + timedelta(days=6), 60)
    with pytest.raises(OutsideAssignment):
        await office.hand_in(contract, STARTS_ON + timedelta(days=7), 60)


async def test_days_without_work_stay_so_after_it_goes_on(office: Contracts) -> None:
    contract = await office.at_work()
    day = [STARTS_ON + timedelta(days=number) for number in range(30)]
    for number, move in ((7, "suspend"), (10, "resume"), (14, "suspend"), (14, "resume"), (17, "suspend")):
        await office.until(day[number])
        async with office.database.begin(actor="test") as tx:
            if move == "suspend":
                await assignment_usecases.suspend(tx, contract.id, "absence")
            else:
                await assignment_usecases.resume(tx, contract.id)
    await office.until(day[20])
    for number in (6, 10, 14, 16):
        await office.hand_in(contract, day[number], 60)
    for number in (7, 8, 9, 17, 20):
        with pytest.raises(OutsideAssignment):
            await office.hand_in(contract, day[number], 60)
    line = (await office.lines())[0]
    async with office.database.begin(actor="test") as tx:
        await hour_usecases.reject(tx, line.id, "wrong_day")
    moved = Minutes(worked_on=day[8], contact_minutes=60, preparation_minutes=0, travel_minutes=0)
    async with office.database.begin(actor="test") as tx:
        with pytest.raises(OutsideAssignment):
            await hour_usecases.revise(tx, line.id, moved)


async def test_an_interruption_that_lasts_is_kept_when_the_tables_change(fresh_database: FreshDatabase) -> None:
    url = await fresh_database()
    await runner.upgrade(service, url, "0005")
    database = database_at(service, url)
    columns = (
        "id, version, status, contract_id, vacancy_id, proposal_id, trainer_id, board_id, school_id, location_id, "
        "school_type, form, role, started_on, interrupted_on"
    )
    same = ", ".join(["gen_random_uuid()"] * 6)
    for contract, since in (("1", "'2027-02-08'"), ("2", "NULL")):
        async with database.begin(actor="test") as tx:
            id_ = f"'00000000-0000-0000-0000-00000000000{contract}'"
            row = f"{id_}, 3, 'active', {id_}, {same}, 'vo', 'guest', 'guest_lecturer', '2027-02-01', {since}"
            await tx.execute(text(f"INSERT INTO assignments ({columns}) VALUES ({row})"))
    await runner.upgrade(service, url)
    async with database.begin(actor="test") as tx:
        still, on = await assignments.where(tx)
    assert [each.interrupted_on for each in still.interruptions] == [date(2027, 2, 8)]
    assert (still.interrupted_on, on.interruptions) == (date(2027, 2, 8), ())
    await runner.downgrade(service, url, "0005")
    async with database.begin(actor="test") as tx:
        rows = await tx.execute(text("SELECT interrupted_on FROM assignments ORDER BY id"))
        assert list(rows.scalars()) == [date(2027, 2, 8), None]
    await database.close()


async def _fill_the_year(office: Contracts, contract: Contract) -> None:
    """40 days of six hours: the cap for guests."""
    await office.until(STARTS_ON + timedelta(days=60))
    for number in range(40):
        await office.approve(await office.hand_in(contract, STARTS_ON + timedelta(days=number), 360))


async def test_above_the_cap_no_hours_are_approved_until_some_are_taken_back(office: Contracts) -> None:
    contract = await office.at_work()
    await _fill_the_year(office, contract)
    above = await office.hand_in(contract, STARTS_ON + timedelta(days=50), 1)
    with pytest.raises(HoursAboveCap, match="14401 of at most 14400 minutes/school year"):
        await office.approve(above)
    assert {line.status for line in await office.lines() if line.id == above.id} == {hour_line.SUBMITTED}
    some = next(line for line in await office.lines() if line.status is hour_line.APPROVED)
    async with office.database.begin(actor="test") as tx:
        await hour_usecases.reverse(tx, some.id)
    assert (await office.approve(above)).status is hour_line.APPROVED


async def test_an_override_lifts_the_cap_at_its_board_while_it_lasts(office: Contracts) -> None:
    contract = await office.at_work()
    await _fill_the_year(office, contract)
    await office.until(STARTS_ON + timedelta(days=90))
    for board in (OTHER_BOARD, BOARD):
        line = await office.hand_in(contract, STARTS_ON + timedelta(days=50), 60)
        async with office.database.begin(actor="test") as tx:
            await override_usecases.override(
                tx,
                trainer_id=contract.trainer_id,
                board_id=board,
                reason="Pilot 8 hours",
                owner="programme office",
                starts_on=STARTS_ON,
                ends_on=STARTS_ON + timedelta(days=60),
            )
        if board == OTHER_BOARD:
            with pytest.raises(HoursAboveCap):
                await office.approve(line)
    lifted = await office.approve(line)
    assert {finding.rule for finding in lifted.findings} == {"GUEST_CAP", "PILOT_OVERRIDE", "HOURS_REPEATED"}
    late = await office.hand_in(contract, STARTS_ON + timedelta(days=61), 60)
    with pytest.raises(HoursAboveCap):
        await office.approve(late)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.tuples(st.integers(1, 150), st.integers(0, 60), st.booleans()), min_size=1, max_size=6),
)
async def test_reversals_keep_sums_right(office: Contracts, days: list[tuple[int, int, bool]]) -> None:
    """I9: what was told and what is stored add up to the lines that were approved and not taken back."""
    office.rewind()
    contract = await office.at_work(await office.drafted(vacancy()))
    for contact, preparation, back in days:
        line = await office.approve(await office.hand_in(contract, STARTS_ON, contact, preparation))
        if back:
            async with office.database.begin(actor="test") as tx:
                await hour_usecases.reverse(tx, line.id)
    expected = (
        sum(contact for contact, _, back in days if not back),
        sum(preparation for _, preparation, back in days if not back),
    )
    stored = [line for line in await office.lines() if line.contract_id == contract.id]
    told = [event for event in await office.told(HoursApproved, HoursReversed) if event.contract_id == contract.id]
    for lines in (stored, told):
        assert (
            sum(line.contact_minutes for line in lines),
            sum(line.preparation_minutes for line in lines),
        ) == expected


async def test_a_contract_of_another_year_has_a_cap_of_its_own(office: Contracts) -> None:
    contract = await office.at_work(await office.drafted(vacancy(ends_on=date(2027, 12, 17))))
    await _fill_the_year(office, contract)
    await office.until(date(2027, 9, 10))
    line = await office.hand_in(contract, date(2027, 9, 7), 360)
    assert (await office.approve(line)).status is hour_line.APPROVED
