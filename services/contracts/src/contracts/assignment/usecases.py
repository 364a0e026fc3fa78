"""From the first day of the work to the last: start, stop for a while, go on, end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from common.clock import end_of
from common.persistence.transaction import Tx
from contracts.assignment import store
from contracts.assignment.model.assignment import Assignment
from contracts.assignment.model.starting import first_day, starting_checks
from contracts.contract import store as contracts
from contracts.contract import usecases as contract_usecases
from contracts.contract.model.checks import joined
from contracts.contract.model.contract import ACTIVE, AT_WORK, SIGNED, UNSIGNED, Contract, EndedReason, SuspendedReason
from contracts.contract.model.decision import Ruling
from contracts.contract.usecases import ENDS, EXTENSION_EXPIRES, STARTS
from contracts.fact import store as facts
from events import Event


async def start(tx: Tx, contract_id: UUID) -> Contract:
    """Begin the work on its day, if certificate and supervisor are there; else look again tomorrow."""
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    if contract.status is not SIGNED or tx.today < contract.terms.starts_on:
        return contract
    vog = await facts.find_vog(tx, contract.trainer_id)
    on = first_day(contract, vog, tx.today)
    if contract.last_day is not None and on > contract.last_day:
        return contract  # too late to begin: the deadline of its end gives it up
    checks = starting_checks(contract, vog, on, await tx.policies())
    verdict = joined(checks)
    started, events = contract.activate(verdict, on)
    if events:
        ruling = Ruling.PASSED if verdict.ok else Ruling.HELD
        await contracts.decided(tx, contract, "start", ruling.value, checks)
    started = await contracts.contracts.apply(tx, started, events, policy_version=verdict.policy_version)
    if started.status is ACTIVE:
        await tx.cancel_deadline(STARTS, contract_id)
        await store.assignments.add(tx, *Assignment.plan(uuid7(), started, on).start())
    else:
        await tx.set_deadline(STARTS, contract_id, end_of(tx.today), case=contract.case)
    return started


async def retry_activation(tx: Tx, trainer_id: UUID) -> None:
    """Try the trainer's contracts again that wait for something, such as a certificate that was shown just now."""
    for contract_id in await contracts.ids_of(tx, trainer_id=trainer_id, status={SIGNED}):
        await start(tx, contract_id)


async def suspend(tx: Tx, contract_id: UUID, reason: SuspendedReason) -> Contract:
    """Stop the work for a while."""
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    suspended = await contracts.contracts.apply(tx, *contract.suspend(reason, tx.today), reason=reason)
    assignment = await store.assignment_of(tx, contract_id)
    await store.assignments.apply(tx, *assignment.interrupt(tx.today))
    return suspended


async def resume(tx: Tx, contract_id: UUID) -> Contract:
    """Go on with the work."""
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    resumed = await contracts.contracts.apply(tx, *contract.resume(tx.today))
    assignment = await store.assignment_of(tx, contract_id)
    await store.assignments.apply(tx, *assignment.resume(tx.today))
    return resumed


async def end(tx: Tx, contract_id: UUID, on: date, reason: EndedReason) -> Contract:
    """End the work with that day."""
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    ended, events = contract.end(on, reason)
    return await finish(tx, ended, events) if events else contract


async def finish(tx: Tx, ended: Contract, events: list[Event]) -> Contract:
    """Write that a contract is over, and end its work with it."""
    ended = await contracts.contracts.apply(tx, ended, events, reason=ended.reason)
    assignment = await store.assignment_of(tx, ended.id)
    await store.assignments.apply(tx, *assignment.end(ended.ended_on or tx.today, early=ended.reason != "term"))
    await tx.cancel_deadline(ENDS, ended.id)
    await tx.cancel_deadline(EXTENSION_EXPIRES, ended.id)
    return ended


async def leave(tx: Tx, contract_id: UUID, reason: EndedReason) -> Contract:
    """End the work today, before its last day."""
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    return await end(tx, contract_id, min(tx.today, contract.last_day or tx.today), reason)


async def reach_end_date(tx: Tx, contract_id: UUID) -> None:
    """Do what the last day asks: end the work, or give up what never started."""
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    last, early = contract.last_day, contract.ending
    if last is None or tx.today <= last:  # it was extended in the meantime, with a deadline of its own
        return
    if contract.status in AT_WORK:
        await end(tx, contract_id, last, (early.reason if early and early.certain else None) or "term")
    elif contract.status is SIGNED:
        await contract_usecases.dissolve(tx, contract_id, "mutual" if early and early.certain else "vog_not_shown")


async def end_all_for_trainer(tx: Tx, trainer_id: UUID) -> None:
    """End everything of a trainer who left, each contract in the way that its state asks for."""
    await contracts.lock_person(tx, trainer_id)
    await facts.depart(tx, trainer_id, tx.today)
    for contract_id in await contracts.ids_of(tx, trainer_id=trainer_id, status=UNSIGNED):
        await contract_usecases.cancel(tx, contract_id, "trainer_left")
    for contract_id in await contracts.ids_of(tx, trainer_id=trainer_id, status={SIGNED}):
        await contract_usecases.dissolve(tx, contract_id, "trainer_left")
    for contract_id in await contracts.ids_of(tx, trainer_id=trainer_id, status=AT_WORK):
        await leave(tx, contract_id, "trainer_left")


async def follow_vacancies(tx: Tx, regions: Mapping[UUID, str | None]) -> None:
    """Move assignments with their vacancies to another region."""
    await store.follow(tx, regions)
