"""Signatures, in any order, until everybody signed, somebody refuses or time is up."""

from __future__ import annotations

from uuid import UUID

from common.clock import beginning_of, end_of
from common.persistence.transaction import Tx
from contracts.model.contract import SIGNED, SIGNING, CancelledReason, Contract
from contracts.store import contracts
from contracts.usecases.reminders import ENDS, EXTENSION_EXPIRES, SIGN_EXPIRES, STARTS
from events.words import Party


async def sign(tx: Tx, contract_id: UUID, by: Party, document_hash: str) -> Contract:
    """Take one signature; the last mandatory one binds everybody, and sets the clock for start and end."""
    contract = await contracts.get(tx, contract_id, lock=True)
    signed = await contracts.apply(tx, *contract.sign(by, document_hash, tx.now))
    if contract.status is SIGNING and signed.status is SIGNED:
        await tx.cancel_deadline(SIGN_EXPIRES, contract_id)
        await tx.set_deadline(STARTS, contract_id, beginning_of(signed.terms.starts_on), case=signed.case)
        await remind_of_end(tx, signed)
    elif signed.terms.ends_on != contract.terms.ends_on:
        await tx.cancel_deadline(EXTENSION_EXPIRES, contract_id)
        await remind_of_end(tx, signed)
    return signed


async def cancel(tx: Tx, contract_id: UUID, reason: CancelledReason) -> Contract:
    """End it before it was signed."""
    contract = await contracts.get(tx, contract_id, lock=True)
    await tx.cancel_deadline(SIGN_EXPIRES, contract_id)
    return await contracts.apply(tx, *contract.cancel(reason), reason=reason)


async def lose_proposal(tx: Tx, contract_id: UUID) -> None:
    """Cancel it because its proposal lapsed; where the last signature came at this very moment, it binds."""
    contract = await contracts.get(tx, contract_id, lock=True)
    cancelled, events = contract.lose_proposal()
    if events:
        await tx.cancel_deadline(SIGN_EXPIRES, contract_id)
        await contracts.apply(tx, cancelled, events, reason=cancelled.reason)


async def expire(tx: Tx, contract_id: UUID) -> None:
    """Stop waiting for signatures; the last one may have come at this very moment."""
    contract = await contracts.get(tx, contract_id, lock=True)
    if contract.status is SIGNING and contract.signing is not None and tx.now >= contract.signing.before:
        await contracts.apply(tx, *contract.expire())


async def give_up_extension(tx: Tx, contract_id: UUID) -> None:
    """Stop waiting for signatures under an extension; a newer one has a deadline of its own."""
    contract = await contracts.get(tx, contract_id, lock=True)
    signing = contract.extension.signing if contract.extension else None
    if signing is not None and tx.now >= signing.before:
        await contracts.apply(tx, *contract.give_up_extension())


async def remind_of_end(tx: Tx, contract: Contract) -> None:
    """Set the clock for the end of the last day; without one nothing ends by itself."""
    if contract.terms.ends_on is not None:
        await tx.set_deadline(ENDS, contract.id, end_of(contract.terms.ends_on), case=contract.case)
