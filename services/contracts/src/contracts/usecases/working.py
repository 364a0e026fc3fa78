"""From the first day of the work to the last: start, stop for a while, go on, end."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from common.clock import end_of
from common.persistence.transaction import Tx
from contracts.model.assignment import Assignment
from contracts.model.checks import joined
from contracts.model.contract import (
    ACTIVE,
    AT_WORK,
    SIGNED,
    UNSIGNED,
    Contract,
    DissolvedReason,
    EndedReason,
    SuspendedReason,
)
from contracts.model.decision import Ruling
from contracts.model.starting import first_day, starting_checks
from contracts.store import aggregates, assignments, contracts, copies, records
from contracts.usecases.reminders import ENDS, EXTENSION_EXPIRES, STARTS
from contracts.usecases.signing import cancel


async def start(tx: Tx, contract_id: UUID) -> Contract:
    """Begin the work on its day, if certificate and supervisor are there; else look again tomorrow."""
    contract = await contracts.get(tx, contract_id, lock=True)
    if contract.status is not SIGNED or tx.today < contract.terms.starts_on:
        return contract
    vog = await copies.find_vog(tx, contract.trainer_id)
    on = first_day(contract, vog, tx.today)
    if contract.terms.ends_on is not None and on > contract.terms.ends_on:
        return contract  # too late to begin: the deadline of its end gives it up
    checks = starting_checks(contract, vog, on, await tx.policies())
    verdict = joined(checks)
    started, events = contract.activate(verdict, on)
    if events:
        ruling = Ruling.PASSED if verdict.ok else Ruling.HELD
        await records.decided(tx, contract, "start", ruling.value, checks)
    started = await contracts.apply(tx, started, events, policy_version=verdict.policy_version)
    if started.status is ACTIVE:
        await tx.cancel_deadline(STARTS, contract_id)
        await assignments.add(tx, *Assignment.plan(uuid7(), started, on).start())
    else:
        await tx.set_deadline(STARTS, contract_id, end_of(tx.today), case=contract.case)
    return started


async def start_held(tx: Tx, trainer_id: UUID) -> None:
    """Try the trainer's contracts again that wait for something, such as a certificate that was shown just now."""
    for contract_id in await aggregates.ids_of(tx, trainer_id=trainer_id, status={SIGNED}):
        await start(tx, contract_id)


async def suspend(tx: Tx, contract_id: UUID, reason: SuspendedReason) -> Contract:
    """Stop the work for a while."""
    contract = await contracts.get(tx, contract_id, lock=True)
    suspended = await contracts.apply(tx, *contract.suspend(reason, tx.today), reason=reason)
    assignment = await aggregates.assignment_of(tx, contract_id)
    await assignments.apply(tx, *assignment.interrupt(tx.today))
    return suspended


async def resume(tx: Tx, contract_id: UUID) -> Contract:
    """Go on with the work."""
    contract = await contracts.get(tx, contract_id, lock=True)
    resumed = await contracts.apply(tx, *contract.resume(tx.today))
    assignment = await aggregates.assignment_of(tx, contract_id)
    await assignments.apply(tx, *assignment.resume(tx.today))
    return resumed


async def end(tx: Tx, contract_id: UUID, on: date, reason: EndedReason) -> Contract:
    """End the work with that day."""
    contract = await contracts.get(tx, contract_id, lock=True)
    ended, events = contract.end(on, reason)
    if not events:
        return contract
    ended = await contracts.apply(tx, ended, events, reason=reason)
    assignment = await aggregates.assignment_of(tx, contract_id)
    await assignments.apply(tx, *assignment.end(on, early=reason != "term"))
    await tx.cancel_deadline(ENDS, contract_id)
    await tx.cancel_deadline(EXTENSION_EXPIRES, contract_id)
    return ended


async def leave(tx: Tx, contract_id: UUID, reason: EndedReason) -> Contract:
    """End the work today, before its last day."""
    contract = await contracts.get(tx, contract_id, lock=True)
    return await end(tx, contract_id, min(tx.today, contract.terms.ends_on or tx.today), reason)


async def dissolve(tx: Tx, contract_id: UUID, reason: DissolvedReason) -> Contract:
    """End what was signed before it starts."""
    contract = await contracts.get(tx, contract_id, lock=True)
    await tx.cancel_deadline(STARTS, contract_id)
    await tx.cancel_deadline(ENDS, contract_id)
    return await contracts.apply(tx, *contract.dissolve(reason), reason=reason)


async def run_out(tx: Tx, contract_id: UUID) -> None:
    """Do what the last day asks: end the work, or give up what never started."""
    contract = await contracts.get(tx, contract_id, lock=True)
    last = contract.terms.ends_on
    if last is None or tx.today <= last:  # it was extended in the meantime, with a deadline of its own
        return
    if contract.status in AT_WORK:
        await end(tx, contract_id, last, "term")
    elif contract.status is SIGNED:
        await dissolve(tx, contract_id, "vog_not_shown")


async def part_with(tx: Tx, trainer_id: UUID) -> None:
    """End everything of a trainer who left, each contract in the way that its state asks for."""
    await aggregates.lock_person(tx, trainer_id)
    await copies.depart(tx, trainer_id, tx.today)
    for contract_id in await aggregates.ids_of(tx, trainer_id=trainer_id, status=UNSIGNED):
        await cancel(tx, contract_id, "trainer_left")
    for contract_id in await aggregates.ids_of(tx, trainer_id=trainer_id, status={SIGNED}):
        await dissolve(tx, contract_id, "trainer_left")
    for contract_id in await aggregates.ids_of(tx, trainer_id=trainer_id, status=AT_WORK):
        await leave(tx, contract_id, "trainer_left")


async def withdraw(tx: Tx, vacancy_id: UUID) -> None:
    """Let go of what a withdrawn vacancy was about; work that has begun goes on."""
    await copies.withdraw_vacancy(tx, vacancy_id)
    for contract_id in await aggregates.ids_of(tx, vacancy_id=vacancy_id, status=UNSIGNED):
        await cancel(tx, contract_id, "vacancy_withdrawn")
    for contract_id in await aggregates.ids_of(tx, vacancy_id=vacancy_id, status={SIGNED}):
        await dissolve(tx, contract_id, "vacancy_withdrawn")
