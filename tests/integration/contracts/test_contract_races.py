"""Several at the same time, each on a connection of its own: one wins, and no limit is passed."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

from contracts.contract import usecases
from contracts.contract.model.contract import Contract, Status
from contracts.hour_line import usecases as hour_usecases
from contracts.hour_line.model.hour_line import HoursAboveCap
from events.contracts import ContractRefused, ContractSigned, HoursApproved, HoursReversed
from events.registry import TrainerLeft, VacancyWithdrawn
from events.words import Fee, FeeKind, Form, Party
from tests.integration.contracts.contracts_at_work import Contracts, accepted, company, profile
from tests.support.asking import WHOLE_YEAR, vacancy

CAP = 14_400
"""Minutes that a guest may teach in a school year."""


async def _sign(office: Contracts, contract: Contract, party: Party, together: asyncio.Barrier) -> None:
    assert contract.signing is not None
    async with office.database.begin(actor="test") as tx:
        await together.wait()
        await usecases.sign(tx, contract.id, party, contract.signing.hash)


async def test_two_last_signatures_at_the_same_time_bind_once(office: Contracts) -> None:
    """Seen red: without the row lock in ``usecases.sign`` all but one lose the version check and sign nothing."""
    for _ in range(5):
        fee = Fee(kind=FeeKind.SALARY, cents=70000)
        contract = await office.drafted(vacancy(forms=[Form.DUAL_EMPLOYMENT], fee=fee))
        together = asyncio.Barrier(3)
        await asyncio.gather(*(_sign(office, contract, party, together) for party in Party))
        signed = await office.contract(contract.id)
        assert (signed.status, len(signed.signing.given) if signed.signing else 0) == (Status.SIGNED, 3)
        assert [event.contract_id for event in await office.told(ContractSigned)].count(contract.id) == 1


async def test_approvals_at_the_same_time_never_pass_the_guest_cap(office: Contracts) -> None:
    """I2: 40 lines of 6 hours fill the year; of the 16 that are approved at once, exactly the room that is left.

    Seen red: without ``lock_person`` two approvals see the same sum, and the cap is passed.
    """
    contract = await office.at_work()
    first = contract.active_from or date.max
    days = [first + timedelta(days=number) for number in range(46)]
    await office.until(days[-1])
    lines = [await office.hand_in(contract, day, 360) for day in days]
    for line in lines[:30]:
        await office.approve(line)
    together = asyncio.Barrier(8)

    async def approve(some: list[Any]) -> int:
        refused = 0
        await together.wait()
        for line in some:
            try:
                await office.approve(line)
            except HoursAboveCap:
                refused += 1
        return refused

    refused = await asyncio.gather(*(approve(lines[30 + number :: 8]) for number in range(8)))
    approved = sum(event.contact_minutes for event in await office.told(HoursApproved))
    assert (approved, sum(refused)) == (CAP, 6)
    total = (await office.rows("SELECT sum(contact_minutes) AS minutes FROM hour_lines WHERE status = 'approved'"))[0]
    assert total.minutes == CAP


async def test_two_proposals_for_one_person_at_the_same_time_are_judged_one_after_the_other(office: Contracts) -> None:
    """Each fits the cap by itself; together they do not: exactly one is refused. Seen red without ``lock_person``."""
    offered = profile(company_id=None, company_minutes_per_week=0, company_days=[])
    asked = [vacancy(**WHOLE_YEAR), vacancy(**WHOLE_YEAR)]
    await office.hear(*asked, offered)
    proposals = [accepted(each, offered) for each in asked]
    await asyncio.gather(*(office.receive(proposal) for proposal in proposals))
    statuses = sorted([(await office.contract_of(proposal)).status for proposal in proposals])
    assert statuses == [Status.REFUSED, Status.SIGNING]
    assert len(await office.told(ContractRefused)) == 1


async def test_a_proposal_and_the_end_of_what_it_is_about_never_leave_a_contract_behind(office: Contracts) -> None:
    """Seen red: without ``steady`` for the vacancy, and without ``lock_person`` for the trainer."""
    for over in (VacancyWithdrawn, TrainerLeft) * 5:
        asked, offered = vacancy(), profile()
        await office.hear(asked, offered, company())
        proposal = accepted(asked, offered)
        ending = (
            VacancyWithdrawn(vacancy_id=asked.vacancy_id, reason="budget")
            if over is VacancyWithdrawn
            else TrainerLeft(trainer_id=offered.trainer_id, reason="other")
        )
        await asyncio.gather(office.receive(proposal), office.receive(ending))
        assert (await office.contract_of(proposal)).status is Status.CANCELLED


async def test_hours_are_taken_back_once_however_many_ask(office: Contracts) -> None:
    contract = await office.at_work()
    line = await office.approve(await office.hand_in(contract, contract.active_from or date.max, 120))

    async def reverse() -> Any:
        async with office.database.begin(actor="test") as tx:
            return (await hour_usecases.reverse(tx, line.id)).id

    assert len(set(await asyncio.gather(*(reverse() for _ in range(5))))) == 1
    assert len(await office.told(HoursReversed)) == 1
