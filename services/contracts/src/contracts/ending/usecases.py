"""Propose an earlier end and answer it, give notice, end at once; and see beforehand what may be and what follows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from common.clock import end_of
from common.persistence.transaction import Tx
from contracts.assignment import usecases as work
from contracts.contract import store as contracts
from contracts.contract import usecases as contract_usecases
from contracts.contract.model.contract import Contract
from contracts.contract.model.ending import Ending, NotItsAgreement
from contracts.ending.model import outlook as rights
from contracts.ending.model import steps
from contracts.ending.model.outlook import Outlook
from contracts.hour_line import store as hours
from events.contracts import EndingReason
from events.words import Party
from rules.ending import Endings, Way

ENDING_EXPIRES: Final = "contract.ending-expires"


async def outlook(tx: Tx, contract: Contract) -> Outlook:
    """Return what each party could do today, and what would follow."""
    rules = Endings.of(contract.form, await tx.policies(), tx.today)
    parties = await contract_usecases.parties_of(tx, contract)
    open_hours = await hours.count_open(tx, contract.trainer_id, contract.id)
    return rights.outlook(contract, rules, parties, tx.today, open_hours=open_hours)


async def propose(tx: Tx, contract_id: UUID, by: Party, last_day: date, reason: EndingReason) -> Contract:
    """Propose to the other parties of the agreement that it ends earlier.

    Raises:
        NotItsAgreement: it is an agreement between others.
        Invalid: the day leaves no time to think, or is no earlier one.
    """
    contract, rules = await _locked(tx, contract_id, by)
    rights.must_allow_day(contract, last_day, rules.first_agreed_day(tx.today))
    ending = Ending(
        way=Way.AGREEMENT,
        by=by,
        last_day=last_day,
        reason=reason,
        left=tuple(party for party in await contract_usecases.parties_of(tx, contract) if party is not by),
        answer_before=end_of(rules.answer_until(tx.today, last_day)),
        reflects=rules.reflects,
    )
    proposed = await contracts.contracts.apply(tx, *steps.propose(contract, ending), reason=reason)
    if ending.answer_before is not None:
        await tx.set_deadline(ENDING_EXPIRES, contract_id, ending.answer_before, case=proposed.case)
    return proposed


async def agree(tx: Tx, contract_id: UUID, by: Party) -> Contract:
    """Consent to a proposed end; the last consent makes it certain."""
    contract, rules = await _locked(tx, contract_id, by)
    until = end_of(tx.today + timedelta(days=rules.reflection_days))
    agreed = await contracts.contracts.apply(tx, *steps.agree(contract, by, until))
    if agreed.ending is not None and agreed.ending.certain:
        await _set_deadlines(tx, agreed)
    return agreed


async def decline(tx: Tx, contract_id: UUID, by: Party) -> Contract:
    """Refuse a proposed end: the contract goes on."""
    contract, _ = await _locked(tx, contract_id, by)
    await tx.cancel_deadline(ENDING_EXPIRES, contract_id)
    return await contracts.contracts.apply(tx, *steps.decline(contract, by))


async def withdraw(tx: Tx, contract_id: UUID, by: Party) -> Contract:
    """Take back a proposal, or a consent in the days to think it over: the contract goes on."""
    contract, _ = await _locked(tx, contract_id, by)
    withdrawn = await contracts.contracts.apply(tx, *steps.withdraw(contract, by, tx.now))
    await tx.cancel_deadline(ENDING_EXPIRES, contract_id)
    await tx.cancel_deadline(contract_usecases.ENDS, contract_id)
    await contract_usecases.set_end_deadline(tx, withdrawn)
    return withdrawn


async def give_up(tx: Tx, contract_id: UUID) -> None:
    """Stop waiting for answers; the last one may have come at this very moment."""
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    before = contract.ending.answer_before if contract.ending else None
    if before is not None and tx.now >= before:
        await contracts.contracts.apply(tx, *steps.give_up(contract))


async def give_notice(
    tx: Tx, contract_id: UUID, by: Party, reason: EndingReason, last_day: date | None, *, permit: bool
) -> Contract:
    """End it by notice, by default as early as may be.

    Raises:
        NotItsAgreement: it is an agreement between others.
        NoNotice: the party may give none.
        Invalid: the day is too early, or none with which it may end.
    """
    contract, rules = await _locked(tx, contract_id, by)
    rights.must_hold_permit(rules, by, permit=permit)
    day = rights.last_day_of_notice(contract, rules, by, tx.today, last_day)
    ending = Ending(way=Way.NOTICE, by=by, last_day=day, reason=reason)
    given = await contracts.contracts.apply(tx, *steps.give_notice(contract, ending), reason=reason)
    await _set_deadlines(tx, given)
    return given


async def end_for_cause(tx: Tx, contract_id: UUID, by: Party, reason: EndingReason) -> Contract:
    """End it today, for a reason after which the party cannot be asked to go on.

    Raises:
        NotItsAgreement: it is an agreement between others.
        NoCause: in this form the party cannot.
    """
    contract, rules = await _locked(tx, contract_id, by)
    if by not in rules.cause:
        raise rights.NoCause(party=by.value)
    await tx.cancel_deadline(ENDING_EXPIRES, contract_id)
    return await work.finish(tx, *steps.end_for_cause(contract, by, tx.today, reason))


async def _locked(tx: Tx, contract_id: UUID, by: Party) -> tuple[Contract, Endings]:
    """Lock a contract for a party of its agreement.

    Raises:
        NotItsAgreement: it is one between others.
    """
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    if by not in await contract_usecases.parties_of(tx, contract):
        raise NotItsAgreement(party=by.value)
    return contract, Endings.of(contract.form, await tx.policies(), tx.today)


async def _set_deadlines(tx: Tx, contract: Contract) -> None:
    for deadline in (ENDING_EXPIRES, contract_usecases.EXTENSION_EXPIRES, contract_usecases.ENDS):
        await tx.cancel_deadline(deadline, contract.id)
    await contract_usecases.set_end_deadline(tx, contract)
